import { type ByteEdit, DECLINED, UNCHANGED } from '../../media/byte-edit.ts';
import type { Precision } from '../generalize-date.ts';

/** Of `1985-07-12`. */
const DATE_LENGTH = 10;
const HYPHEN = 0x2d;
const ZERO = 0x30;

/** Value of two digits; -1 when they are none. */
function pairAt(bytes: Buffer, at: number): number {
  const tens = (bytes[at] as number) - ZERO;
  const ones = (bytes[at + 1] as number) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}

/** As `generalizeDate`, where the text is a day like `1985-07-12`. */
export function truncateDate(precision: Precision): ByteEdit {
  return {
    roomFor: () => DATE_LENGTH,
    write: (from, start, end, to, at) => {
      if (start === end) return UNCHANGED;
      if (end - start !== DATE_LENGTH || from[start + 4] !== HYPHEN || from[start + 7] !== HYPHEN)
        return DECLINED;
      const month = pairAt(from, start + 5);
      const day = pairAt(from, start + 8);
      if (pairAt(from, start) < 0 || pairAt(from, start + 2) < 0) return DECLINED;
      if (month < 1 || month > 12 || day < 1 || day > 31) return DECLINED;
      for (let index = 0; index < DATE_LENGTH; index++) to[at + index] = from[start + index] as number;
      if (precision === 'year') writeFirst(to, at + 5);
      writeFirst(to, at + 8);
      return at + DATE_LENGTH;
    },
  };
}

function writeFirst(to: Buffer, at: number): void {
  to[at] = ZERO;
  to[at + 1] = ZERO + 1;
}

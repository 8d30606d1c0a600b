import { type ByteEdit, DECLINED, UNCHANGED } from '../../media/byte-edit.ts';
import { NAME_LENGTH_MAX, WORDS_MAX } from '../mask-initials.ts';
import { STARS_LENGTH, writeStars } from './stars.ts';

const BLANK = 0x20;
const DOT = 0x2e;

function isLetter(byte: number): boolean {
  const folded = byte | 0x20;
  return folded >= 0x61 && folded <= 0x7a;
}

/** As `maskToInitials`, where the text is ASCII. */
export const INITIALS_EDIT: ByteEdit = {
  roomFor: (length) => Math.max(length * 2, STARS_LENGTH),
  write: (from, start, end, to, at) => {
    if (start === end) return UNCHANGED;
    if (end - start > NAME_LENGTH_MAX) return DECLINED;
    let out = at;
    let words = 0;
    let hasInitial = false;
    let inWord = false;
    for (let index = start; index < end; index++) {
      const byte = from[index] as number;
      if (byte < BLANK || byte > 0x7e) return DECLINED;
      if (byte === BLANK) {
        inWord = false;
        continue;
      }
      if (!inWord) {
        inWord = true;
        hasInitial = false;
        words++;
      }
      if (hasInitial || !isLetter(byte)) continue;
      hasInitial = true;
      if (out > at) to[out++] = BLANK;
      to[out++] = byte;
      to[out++] = DOT;
    }
    return out === at || words > WORDS_MAX ? writeStars(to, at) : out;
  },
};

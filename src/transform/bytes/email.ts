import { type ByteEdit, DECLINED, UNCHANGED } from '../../media/byte-edit.ts';
import { ADDRESS_LENGTH_MAX } from '../mask-email.ts';
import { STARS_LENGTH, writeStars } from './stars.ts';

const AT_SIGN = 0x40;
const DOT = 0x2e;

const LETTER = 1;
/** Letters, digits and hyphens, of which the labels of a domain are made. */
const LABEL = 2;
const LOCAL = 4;

const CLASS = Uint8Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return (
    (/[A-Za-z]/.test(character) ? LETTER : 0) |
    (/[A-Za-z0-9-]/.test(character) ? LABEL : 0) |
    (/[A-Za-z0-9_!#$%&'*+/=?^`{|}~.-]/.test(character) ? LOCAL : 0)
  );
});

/**
 * True when the range consists of labels with single dots between them, the last one of at least two letters and
 * nothing else.
 */
function isDomain(bytes: Buffer, start: number, end: number): boolean {
  let label = start;
  let isLetters = true;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte === DOT) {
      if (at === label) return false;
      label = at + 1;
      isLetters = true;
    } else {
      const what = CLASS[byte] as number;
      if ((what & LABEL) === 0) return false;
      if ((what & LETTER) === 0) isLetters = false;
    }
  }
  return label > start && isLetters && end - label >= 2;
}

/** As `maskEmails`, where the text is one address in ASCII. */
export const EMAIL_EDIT: ByteEdit = {
  roomFor: (length) => length + STARS_LENGTH,
  write: (from, start, end, to, at) => {
    if (start === end) return UNCHANGED;
    if (end - start > ADDRESS_LENGTH_MAX) return DECLINED;
    let sign = start;
    while (sign < end && ((CLASS[from[sign] as number] as number) & LOCAL) !== 0) sign++;
    if (sign === start || sign === end || from[sign] !== AT_SIGN || !isDomain(from, sign + 1, end))
      return DECLINED;
    let out = at;
    // The first letter of a single one would show the whole local part.
    if (sign - start > 1) to[out++] = from[start] as number;
    out = writeStars(to, out);
    for (let index = sign; index < end; index++) to[out++] = from[index] as number;
    return out;
  },
};

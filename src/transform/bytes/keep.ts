import { type ByteEdit, DECLINED, UNCHANGED } from '../../media/byte-edit.ts';
import { STARS_LENGTH, writeStars } from './stars.ts';

/** True when every byte of the range is a grapheme by itself: ASCII that shows, or blank. */
function isPlain(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte < 0x20 || byte > 0x7e) return false;
  }
  return true;
}

/** As `firstGraphemes` and `STARS`, where the bytes around the cut are ASCII. */
export function keepFirst(count: number): ByteEdit {
  return {
    roomFor: (length) => Math.min(length, count) + STARS_LENGTH,
    write: (from, start, end, to, at) => {
      if (start === end) return UNCHANGED;
      const cut = start + count;
      // The byte after the kept ones is looked at too: it may begin a combining mark on the last of them.
      if (!isPlain(from, start, Math.min(cut + 1, end))) return DECLINED;
      if (end <= cut) return writeStars(to, at);
      for (let index = 0; index < count; index++) to[at + index] = from[start + index] as number;
      return writeStars(to, at + count);
    },
  };
}

/** As `STARS` and `lastGraphemes`, where the bytes around the cut are ASCII. */
export function keepLast(count: number): ByteEdit {
  return {
    roomFor: (length) => Math.min(length, count) + STARS_LENGTH,
    write: (from, start, end, to, at) => {
      if (start === end) return UNCHANGED;
      const cut = end - count;
      if (!isPlain(from, Math.max(cut - 1, start), end)) return DECLINED;
      let out = writeStars(to, at);
      if (cut <= start) return out;
      for (let index = cut; index < end; index++) to[out++] = from[index] as number;
      return out;
    },
  };
}

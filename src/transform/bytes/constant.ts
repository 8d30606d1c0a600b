import { type ByteEdit, UNCHANGED } from '../../media/byte-edit.ts';

/** Every text but the empty one becomes the same. @param text in ASCII */
export function becomes(text: string): ByteEdit {
  const bytes = Buffer.from(text, 'latin1');
  return {
    roomFor: () => bytes.length,
    write: (_from, start, end, to, at) => {
      if (start === end) return UNCHANGED;
      for (let index = 0; index < bytes.length; index++) to[at + index] = bytes[index] as number;
      return at + bytes.length;
    },
  };
}

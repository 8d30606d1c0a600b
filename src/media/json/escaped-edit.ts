import { type ByteEdit, UNCHANGED } from '../byte-edit.ts';
import type { Splices } from '../splices.ts';
import { unescapeJson } from './json-string.ts';

/** Edits strings that are spelled with escapes: takes them off before and puts them on after. */
export class EscapedEdit {
  private text: Buffer = Buffer.alloc(0);
  private edited: Buffer = Buffer.alloc(0);

  /**
   * Adds what `edit` makes of the content `bytes[start, end)` of a JSON string to the new bytes.
   * @returns false when it declines; nothing is added then, nor where the text stays as it is
   */
  write(edit: ByteEdit, bytes: Buffer, start: number, end: number, splices: Splices): boolean {
    this.text = withRoom(this.text, end - start);
    const length = unescapeJson(bytes, start, end, this.text);
    if (length < 0) return false;
    this.edited = withRoom(this.edited, edit.roomFor(length));
    const to = edit.write(this.text, 0, length, this.edited, 0);
    if (to < 0) return to === UNCHANGED;
    splices.writeEscaped(this.edited, to);
    return true;
  }
}

function withRoom(buffer: Buffer, length: number): Buffer {
  return length <= buffer.length
    ? buffer
    : Buffer.allocUnsafeSlow(Math.max(length, buffer.length * 2, 1_024));
}

import { type ByteEdit, UNCHANGED } from '../byte-edit.ts';
import type { Splices } from '../splices.ts';
import { unescapeJson } from './json-string.ts';

/** Room for most texts, shared by all edits: one is over before the next begins. */
const ROOM_BYTES = 4_096;
const textRoom = Buffer.allocUnsafeSlow(ROOM_BYTES);
const editedRoom = Buffer.allocUnsafeSlow(ROOM_BYTES);

/**
 * Edits a JSON string with escapes, whose content is `bytes[start, end)`: unescapes it before and escapes it after,
 * unless the edit can read escapes. Adds the result to the new bytes.
 * @returns false when it declines; nothing is added then, nor where the text stays as it is
 */
export function writeEscapedEdit(
  edit: ByteEdit,
  bytes: Buffer,
  start: number,
  end: number,
  splices: Splices,
): boolean {
  if (edit.escaped !== undefined) return splices.writeEdited(edit.escaped, bytes, start, end);
  const text = roomFor(end - start, textRoom);
  const length = unescapeJson(bytes, start, end, text);
  if (length < 0) return false;
  const edited = roomFor(edit.roomFor(length), editedRoom);
  const to = edit.write(text, 0, length, edited, 0);
  if (to < 0) return to === UNCHANGED;
  splices.writeEscaped(edited, to);
  return true;
}

function roomFor(bytes: number, room: Buffer): Buffer {
  return bytes <= room.length ? room : Buffer.allocUnsafeSlow(bytes);
}

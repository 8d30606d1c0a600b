/** Answer of a `ByteEdit`: the text stays as it is. */
export const UNCHANGED = -1;
/** Answer of a `ByteEdit`: it does not read this text; ask by its characters. */
export const DECLINED = -2;

/**
 * An edit of a text by its bytes, so that no string need be made of what streams by. Texts are UTF-8, already found
 * well-formed. What it writes is made of bytes of the text and of ASCII that stands for itself in a JSON string.
 */
export interface ByteEdit {
  /** Most bytes that it writes for a text of `length` bytes. */
  readonly roomFor: (length: number) => number;
  /**
   * Reads the text `from[start, end)` and writes what it becomes to `to` at `at`.
   * @returns the position after what it wrote, `UNCHANGED` or `DECLINED`
   */
  readonly write: (from: Buffer, start: number, end: number, to: Buffer, at: number) => number;
  /**
   * The same for the content of a JSON string with escapes, already found well-formed; what it leaves keeps its spelling.
   * Undefined: escapes are taken off before and put on after.
   */
  readonly escaped?: Pick<ByteEdit, 'roomFor' | 'write'>;
}

/** Answer of a `ByteEdit`: the text stays as it is. */
export const UNCHANGED = -1;
/** Answer of a `ByteEdit`: it cannot edit this text by its bytes; decode it. */
export const DECLINED = -2;

/**
 * Edits a text by its bytes, so that no string has to be made of it. Texts are UTF-8, already found well-formed. It
 * writes bytes of the text, and ASCII that needs no escape in a JSON string.
 */
export interface ByteEdit {
  /** The most bytes that it writes for a text of `length` bytes. */
  readonly roomFor: (length: number) => number;
  /**
   * Reads the text `from[start, end)` and writes what it becomes to `to` at `at`.
   * @returns the position after what it wrote, `UNCHANGED` or `DECLINED`
   */
  readonly write: (from: Buffer, start: number, end: number, to: Buffer, at: number) => number;
  /**
   * The same for the content of a JSON string with escapes, already found well-formed; unedited parts keep their
   * spelling. Undefined: the text is unescaped before and escaped after.
   */
  readonly escaped?: Pick<ByteEdit, 'roomFor' | 'write'>;
}

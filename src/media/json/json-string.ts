/** Longer texts are handed to native code at once. */
const LOOP_MAX = 64;

/** True when `code` stands for itself in one byte of a JSON string. */
function isPlain(code: number): boolean {
  return code >= 0x20 && code < 0x7f && code !== 0x22 && code !== 0x5c;
}

/**
 * Writes `text` as a JSON string (RFC 8259 section 7) to `bytes` at `at`, which must have room for 6 bytes a character
 * and two quotes. Unpaired surrogates are written as escapes, so they come back as they were.
 * @returns the position after the closing quote
 */
export function writeJsonString(bytes: Buffer, at: number, text: string): number {
  const { length } = text;
  if (length <= LOOP_MAX) {
    let to = at;
    bytes[to++] = 0x22;
    let index = 0;
    for (; index < length; index++) {
      const code = text.charCodeAt(index);
      if (!isPlain(code)) break;
      bytes[to++] = code;
    }
    if (index === length) {
      bytes[to++] = 0x22;
      return to;
    }
  }
  return at + bytes.write(JSON.stringify(text), at);
}

/**
 * Text of the JSON string whose content, already found well-formed, is `bytes[start, end)` (quotes outside). Unpaired
 * surrogates stay what they are.
 */
export function readJsonString(bytes: Buffer, start: number, end: number, escaped: boolean): string {
  if (!escaped) return bytes.toString('utf8', start, end);
  return String(JSON.parse(bytes.toString('utf8', start - 1, end + 1)));
}

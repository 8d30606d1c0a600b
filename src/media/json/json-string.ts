/** `\u0000` */
export const ESCAPE_LENGTH_MAX = 6;

/** By the letter after a backslash: the byte that it stands for, or 0. */
const MEANING = new Uint8Array(256);
/** By byte: the letter that stands for it after a backslash, or 0. */
const LETTER = new Uint8Array(256);
for (const [letter, meaning] of ['""', '\\\\', 'b\b', 'f\f', 'n\n', 'r\r', 't\t']) {
  const byte = (meaning ?? '').charCodeAt(0);
  MEANING[(letter ?? '').charCodeAt(0)] = byte;
  LETTER[byte] = (letter ?? '').charCodeAt(0);
}
MEANING[0x2f] = 0x2f;

const HEX = Buffer.from('0123456789abcdef');
const BACKSLASH = 0x5c;
const SURROGATE_MIN = 0xd800;
const SURROGATE_MAX = 0xdfff;

/** Longer texts are left to native code. */
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
 * surrogates are kept.
 */
export function readJsonString(bytes: Buffer, start: number, end: number, escaped: boolean): string {
  if (!escaped) return bytes.toString('utf8', start, end);
  return String(JSON.parse(bytes.toString('utf8', start - 1, end + 1)));
}

/**
 * Writes the text of the JSON string whose content, already found well-formed, is `bytes[start, end)` to `to` in UTF-8.
 * Never writes more bytes than it reads.
 * @returns its length; -1 when it holds an unpaired surrogate, which UTF-8 cannot spell
 */
export function unescapeJson(bytes: Buffer, start: number, end: number, to: Buffer): number {
  let length = 0;
  let at = start;
  while (at < end) {
    const byte = bytes[at] as number;
    if (byte !== BACKSLASH) {
      to[length++] = byte;
      at++;
      continue;
    }
    const meaning = MEANING[bytes[at + 1] as number] as number;
    if (meaning !== 0) {
      to[length++] = meaning;
      at += 2;
      continue;
    }
    const point = escapedPoint(bytes, at);
    if (point < 0) return -1;
    at += escapeLength(bytes, at, point);
    length = writePoint(to, length, point);
  }
  return length;
}

/** The code point that the escape at `at` stands for; -1 for an unpaired surrogate, which UTF-8 cannot spell. */
export function escapedPoint(bytes: Buffer, at: number): number {
  const meaning = MEANING[bytes[at + 1] as number] as number;
  if (meaning !== 0) return meaning;
  const point = hexAt(bytes, at + 2);
  if (point < SURROGATE_MIN || point > SURROGATE_MAX) return point;
  const next = at + ESCAPE_LENGTH_MAX;
  const low = bytes[next] === BACKSLASH && bytes[next + 1] === 0x75 ? hexAt(bytes, next + 2) : 0;
  if (point > 0xdbff || low < 0xdc00 || low > SURROGATE_MAX) return -1;
  return 0x1_0000 + ((point - SURROGATE_MIN) << 10) + (low - 0xdc00);
}

/** Bytes of the escape at `at`, which stands for `point`. */
export function escapeLength(bytes: Buffer, at: number, point: number): number {
  if (bytes[at + 1] !== 0x75) return 2;
  return point > 0xffff ? 2 * ESCAPE_LENGTH_MAX : ESCAPE_LENGTH_MAX;
}

/**
 * Writes the UTF-8 text `from[0, length)` as the content of a JSON string, spelled as `JSON.stringify` does.
 * @returns the position after it
 */
export function escapeJson(from: Buffer, length: number, to: Buffer, at: number): number {
  let end = at;
  for (let index = 0; index < length; index++) {
    const byte = from[index] as number;
    const letter = LETTER[byte] as number;
    if (letter === 0 && byte >= 0x20) {
      to[end++] = byte;
      continue;
    }
    to[end++] = BACKSLASH;
    if (letter !== 0) {
      to[end++] = letter;
      continue;
    }
    to[end++] = 0x75;
    to[end++] = 0x30;
    to[end++] = 0x30;
    to[end++] = HEX[byte >> 4] as number;
    to[end++] = HEX[byte & 0x0f] as number;
  }
  return end;
}

/** Value of the four hexadecimal digits at `at`. */
function hexAt(bytes: Buffer, at: number): number {
  let value = 0;
  for (let digit = at; digit < at + 4; digit++) {
    const byte = bytes[digit] as number;
    value = (value << 4) | (byte <= 0x39 ? byte - 0x30 : (byte | 0x20) - 0x57);
  }
  return value;
}

/** Writes a code point in UTF-8. @returns the position after it */
export function writePoint(to: Buffer, at: number, point: number): number {
  let end = at;
  if (point < 0x80) {
    to[end++] = point;
    return end;
  }
  if (point < 0x800) {
    to[end++] = 0xc0 | (point >> 6);
  } else {
    if (point < 0x1_0000) {
      to[end++] = 0xe0 | (point >> 12);
    } else {
      to[end++] = 0xf0 | (point >> 18);
      to[end++] = 0x80 | ((point >> 12) & 0x3f);
    }
    to[end++] = 0x80 | ((point >> 6) & 0x3f);
  }
  to[end++] = 0x80 | (point & 0x3f);
  return end;
}

import { isSpace } from './grammar.ts';

const BACKSLASH = 0x5c;
const QUOTE = 0x22;
const COLON = 0x3a;
const LETTER_U = 0x75;
/** Of `\u0022`. */
const ESCAPE_LENGTH = 6;
/** The first byte beyond ASCII. Such bytes may be a byte order mark, or white space that JSON does not have. */
const BEYOND_ASCII = 0x80;

/**
 * False when a string's content, spelled as `bytes[start, end)`, holds no JSON with names in it: it does not begin like
 * JSON, no quote in it stands before a colon, and no ASCII character is written as `\u00..`, which could be either. One
 * search tells that of most notes.
 */
export function mayHoldJson(bytes: Buffer, start: number, end: number): boolean {
  if (mayBeginJson(bytes[start])) return true;
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte === COLON && followsQuote(bytes, start, at)) return true;
    if (byte !== BACKSLASH) continue;
    if (isAsciiSpelledOut(bytes, at)) return true;
    at++;
  }
  return false;
}

/** `\u0000` to `\u007f`: CRMs hardly ever write these. */
function isAsciiSpelledOut(bytes: Buffer, at: number): boolean {
  return bytes[at + 1] === LETTER_U && /^00[0-7]/.test(bytes.toString('latin1', at + 2, at + 5));
}

/** White space, escapes (of quotes too) and a byte order mark may come before it. */
function mayBeginJson(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  return byte === 0x7b || byte === 0x5b || byte === BACKSLASH || byte === 0xef || isSpace(byte);
}

/**
 * Whether a quote stands before `at` with nothing but white space between, plain or packed (`\u0022` in the text
 * itself). Some texts that are no escapes are taken for such.
 */
function followsQuote(bytes: Buffer, start: number, at: number): boolean {
  let before = at - 1;
  while (before > start) {
    const byte = bytes[before] as number;
    if (byte === QUOTE) return true;
    if (isSpace(byte) || byte >= BEYOND_ASCII) before--;
    else if (bytes[before - 1] === BACKSLASH) before -= 2;
    else {
      const last = bytes.toString('latin1', Math.max(start, before + 1 - ESCAPE_LENGTH), before + 1);
      if (/^\\u0022$/i.test(last)) return true;
      if (!last.startsWith('\\u')) return false;
      before -= ESCAPE_LENGTH;
    }
  }
  return false;
}

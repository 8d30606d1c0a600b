import { isSpace } from './grammar.ts';

const BACKSLASH = 0x5c;
const QUOTE = 0x22;
const COLON = 0x3a;
const LETTER_U = 0x75;
/** Of `\u0022`. */
const ESCAPE_LENGTH = 6;
/** The first byte beyond ASCII: of a byte order mark, or of white space that JSON has not. */
const BEYOND_ASCII = 0x80;

/**
 * False when a string's content, `[start, end)` as it is spelled, holds no JSON that gives anything a name: it does not begin like JSON, no
 * quote in it stands before a colon, and no character of ASCII is spelled out, which could be either. Most notes are told so in one search.
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

/** `\u0000` to `\u007f`: CRMs spell hardly any of them so. */
function isAsciiSpelledOut(bytes: Buffer, at: number): boolean {
  return bytes[at + 1] === LETTER_U && /^00[0-7]/.test(bytes.toString('latin1', at + 2, at + 5));
}

/** White space, escapes (of quotes too) and a byte order mark may come before it. */
function mayBeginJson(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  return byte === 0x7b || byte === 0x5b || byte === BACKSLASH || byte === 0xef || isSpace(byte);
}

/**
 * Whether a quote stands before `at`, as it is or packed (`\u0022` in the text itself), and nothing between but white space. Escapes that are
 * none may be taken for such.
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

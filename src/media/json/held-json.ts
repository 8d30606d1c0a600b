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
 * False when a string's content, `[start, end)` as it is spelled, holds no JSON that gives anything a name: it does not begin like JSON, and no
 * quote in it stands before a colon. Most notes are told so in one search for a colon.
 */
export function mayHoldJson(bytes: Buffer, start: number, end: number): boolean {
  if (mayBeginJson(bytes[start])) return true;
  for (let at = start + 1; at < end; at++) {
    const isColon = bytes[at] === COLON || escapes(bytes, at, '003a');
    if (isColon && followsQuote(bytes, start, at)) return true;
  }
  return false;
}

/** White space, escapes (of quotes too) and a byte order mark may come before it. */
function mayBeginJson(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  return byte === 0x7b || byte === 0x5b || byte === BACKSLASH || byte === 0xef || isSpace(byte);
}

/** Whether a quote stands before `at`, and nothing between but white space, as it is or in escapes. Escapes that are none may be taken for such. */
function followsQuote(bytes: Buffer, start: number, at: number): boolean {
  let before = at - 1;
  while (before > start) {
    const byte = bytes[before] as number;
    if (byte === QUOTE) return true;
    if (isSpace(byte) || byte >= BEYOND_ASCII) before--;
    else if (bytes[before - 1] === BACKSLASH) before -= 2;
    else {
      const spelled = before + 1 - ESCAPE_LENGTH;
      if (spelled < start || bytes[spelled] !== BACKSLASH || bytes[spelled + 1] !== LETTER_U) return false;
      if (escapes(bytes, spelled, '0022')) return true;
      before = spelled - 1;
    }
  }
  return false;
}

function escapes(bytes: Buffer, at: number, unit: string): boolean {
  if (bytes[at] !== BACKSLASH || bytes[at + 1] !== LETTER_U) return false;
  return bytes.toString('latin1', at + 2, at + ESCAPE_LENGTH).toLowerCase() === unit;
}

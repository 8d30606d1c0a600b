/** 1 for the bytes that may follow a backslash, except `u`. */
export const ESCAPE = new Uint8Array(256);
for (const character of '"\\/bfnrt') ESCAPE[character.charCodeAt(0)] = 1;

/** 1 for hexadecimal digits. */
export const HEX = new Uint8Array(256);
for (const character of '0123456789abcdefABCDEF') HEX[character.charCodeAt(0)] = 1;

const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const NULL = Buffer.from('null');

export function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Length of the escape at `at`; 0 when `end` cuts it off, -1 when it is not valid. */
export function escapeLength(bytes: Buffer, at: number, end: number): number {
  if (at + 1 >= end) return 0;
  const byte = bytes[at + 1] as number;
  if (byte !== 0x75) return ESCAPE[byte] === 1 ? 2 : -1;
  for (let digit = at + 2; digit < at + 6; digit++) {
    if (digit >= end) return 0;
    if (HEX[bytes[digit] as number] === 0) return -1;
  }
  return 6;
}

/** The literal that begins with `byte`. */
export function spellingOf(byte: number): Buffer | undefined {
  if (byte === 0x74) return TRUE;
  if (byte === 0x66) return FALSE;
  return byte === 0x6e ? NULL : undefined;
}

/** True when the bytes at `at` are those of `spelling`, as far as they fit before `end`. */
export function literalAt(spelling: Buffer, bytes: Buffer, at: number, end: number): boolean {
  const length = Math.min(spelling.length, end - at);
  for (let index = 0; index < length; index++) if (bytes[at + index] !== spelling[index]) return false;
  return true;
}

/** True when `lexeme` is a JSON number, boolean or null. */
export function isLiteral(lexeme: string): boolean {
  return /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/.test(lexeme);
}

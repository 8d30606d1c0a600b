/** States of a number (RFC 8259 section 6); 0 is no number. */
const MINUS = 1;
const ZERO = 2;
const INTEGER = 3;
const POINT = 4;
const FRACTION = 5;
const EXPONENT = 6;
const EXPONENT_SIGN = 7;
const EXPONENT_DIGITS = 8;

const OTHER = 6;
const CLASSES = 7;

/** 0: the digit 0, 1: other digits, 2: minus, 3: plus, 4: point, 5: e, 6: no part of a number. */
export const NUMBER_CLASS = new Uint8Array(256).fill(OTHER);
NUMBER_CLASS[0x30] = 0;
NUMBER_CLASS.fill(1, 0x31, 0x3a);
NUMBER_CLASS[0x2d] = 2;
NUMBER_CLASS[0x2b] = 3;
NUMBER_CLASS[0x2e] = 4;
NUMBER_CLASS[0x45] = 5;
NUMBER_CLASS[0x65] = 5;

/** The next state, at index state * 7 + class. */
export const NUMBER_NEXT = Uint8Array.from(
  [
    [ZERO, INTEGER, MINUS, 0, 0, 0, 0],
    [ZERO, INTEGER, 0, 0, 0, 0, 0],
    [0, 0, 0, 0, POINT, EXPONENT, 0],
    [INTEGER, INTEGER, 0, 0, POINT, EXPONENT, 0],
    [FRACTION, FRACTION, 0, 0, 0, 0, 0],
    [FRACTION, FRACTION, 0, 0, 0, EXPONENT, 0],
    [EXPONENT_DIGITS, EXPONENT_DIGITS, EXPONENT_SIGN, EXPONENT_SIGN, 0, 0, 0],
    [EXPONENT_DIGITS, EXPONENT_DIGITS, 0, 0, 0, 0, 0],
    [EXPONENT_DIGITS, EXPONENT_DIGITS, 0, 0, 0, 0, 0],
  ].flat(),
);

export const NUMBER_START = 0;

/** True when `byte` can be a part of a number. */
export function inNumber(byte: number): boolean {
  return NUMBER_CLASS[byte] !== OTHER;
}

/** The state after `byte`; 0 when it may not stand there. */
export function nextNumberState(state: number, byte: number): number {
  return NUMBER_NEXT[state * CLASSES + (NUMBER_CLASS[byte] as number)] as number;
}

/** True when a number may end in this state. */
export function numberMayEnd(state: number): boolean {
  return state === ZERO || state === INTEGER || state === FRACTION || state === EXPONENT_DIGITS;
}

import { fold } from '../fold.ts';

/**
 * Units: a folded text with one byte for each UTF-16 code unit of it. ASCII is itself; of everything else no detector asks more
 * than what follows.
 */
export const OTHER = 0x80;
export const LETTER = 0x81;
export const NUMBER = 0x82;
/** The halves of a surrogate pair. */
export const HIGH = 0x83;
export const LOW = 0x84;
/** The first half of a pair that is a letter or number. */
export const HIGH_LETTER = 0x85;
/** Patterns of the detectors do not agree on it. */
export const UNCERTAIN = 0x86;
/** Nothing is left of it. */
export const GONE = 0xff;

const LINE_SEPARATORS = /[\u2028\u2029]/;

/** Unit of a code point beyond ASCII; for pairs, of the first half. */
function unitOf(point: number): number {
  const folded = fold(point);
  if (folded === '') return GONE;
  const unit = folded.charCodeAt(0);
  if (unit < 0x80) return unit;
  const isLetter = /\p{L}/u.test(folded);
  const isNumber = /\p{N}/u.test(folded);
  // Patterns that ignore case ask what a character folds to.
  if (isLetter !== /\p{L}/iu.test(folded) || isNumber !== /\p{N}/iu.test(folded)) return UNCERTAIN;
  if (LINE_SEPARATORS.test(folded)) return UNCERTAIN;
  if (point > 0xffff) return isLetter || isNumber ? HIGH_LETTER : HIGH;
  if (isLetter) return LETTER;
  return isNumber ? NUMBER : OTHER;
}

/** By code point, as far as they have been met; 0: not yet. */
const plane = new Uint8Array(0x1_0000);
const beyond = new Map<number, number>();

/** @param point 0x80 to 0xffff */
export function unitInPlane(point: number): number {
  const known = plane[point] as number;
  if (known !== 0) return known;
  const unit = unitOf(point);
  plane[point] = unit;
  return unit;
}

/** @param point above 0xffff */
export function unitBeyond(point: number): number {
  let unit = beyond.get(point);
  if (unit === undefined) {
    unit = unitOf(point);
    beyond.set(point, unit);
  }
  return unit;
}

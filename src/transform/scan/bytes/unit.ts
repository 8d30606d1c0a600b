import { fold } from '../fold.ts';

/**
 * What a code point beyond ASCII is to the detectors. Below 0x80 it is read as that ASCII character; of those that are read
 * as themselves no detector asks more than this.
 */
export const OTHER = 0x80;
export const LETTER = 0x81;
export const NUMBER = 0x82;
/** Beyond the basic plane. */
export const PAIR = 0x83;
/** Beyond the basic plane, a letter or number. */
export const PAIR_LETTER = 0x84;
/** Patterns of the detectors do not agree on it. */
export const UNCERTAIN = 0x86;
/** Nothing is left of it. */
export const GONE = 0xff;

function kindOf(point: number): number {
  const folded = fold(point);
  if (folded === '') return GONE;
  const unit = folded.charCodeAt(0);
  if (unit < 0x80) return unit;
  const isLetter = /\p{L}/u.test(folded);
  const isNumber = /\p{N}/u.test(folded);
  // Patterns that ignore case ask what a character folds to.
  if (isLetter !== /\p{L}/iu.test(folded) || isNumber !== /\p{N}/iu.test(folded)) return UNCERTAIN;
  if (point > 0xffff) return isLetter || isNumber ? PAIR_LETTER : PAIR;
  if (isLetter) return LETTER;
  return isNumber ? NUMBER : OTHER;
}

/** By code point of the basic plane, as far as they have been met; 0: not yet. */
export const KINDS = new Uint8Array(0x1_0000);
const beyond = new Map<number, number>();

/** @param point 0x80 or more */
export function kindOfPoint(point: number): number {
  if (point > 0xffff) return kindBeyond(point);
  const known = KINDS[point] as number;
  return known === 0 ? kindInPlane(point) : known;
}

function kindInPlane(point: number): number {
  const kind = kindOf(point);
  KINDS[point] = kind;
  return kind;
}

function kindBeyond(point: number): number {
  let kind = beyond.get(point);
  if (kind === undefined) {
    kind = kindOf(point);
    beyond.set(point, kind);
  }
  return kind;
}

/** True when a code point of that kind stays as it is. */
export function isItself(kind: number): boolean {
  return kind >= OTHER && kind < UNCERTAIN;
}

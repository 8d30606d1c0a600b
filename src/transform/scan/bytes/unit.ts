import { fold } from '../fold.ts';

/**
 * The kind of a code point beyond ASCII. Below 0x80: it is read as that ASCII character. Of others the detectors need
 * to know no more than the kind.
 */
const OTHER = 0x80;
export const LETTER = 0x81;
export const NUMBER = 0x82;
/** Beyond the basic plane. */
export const PAIR = 0x83;
/** Beyond the basic plane, a letter or number. */
export const PAIR_LETTER = 0x84;
/** The detectors' patterns do not agree on it. */
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
  // Patterns that ignore case test the case-folded character.
  if (isLetter !== /\p{L}/iu.test(folded) || isNumber !== /\p{N}/iu.test(folded)) return UNCERTAIN;
  if (point > 0xffff) return isLetter || isNumber ? PAIR_LETTER : PAIR;
  if (isLetter) return LETTER;
  return isNumber ? NUMBER : OTHER;
}

/** Kinds by code point of the basic plane, filled as they are met; 0: not yet. */
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

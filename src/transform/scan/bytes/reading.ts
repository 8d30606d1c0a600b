import { GONE, HIGH, HIGH_LETTER, LOW, UNCERTAIN, unitBeyond, unitInPlane } from './unit.ts';

/** Signs of what a text may hold; bits of `Reading.signs`. */
export const DIGIT = 1;
export const AT = 2;
export const OPENING = 4;
export const ESCAPE = 8;
/** ` dot` or ` pun(to)`. */
export const DOT_WORD = 16;
/** `arroba`. */
export const AT_WORD = 32;
const WORD_END = 64;
const REFERENCE = 128;

const SIGNS = new Uint8Array(256);
SIGNS.fill(DIGIT, 0x30, 0x3a);
for (const [characters, sign] of [
  ['@', AT],
  ['([{<', OPENING],
  ['%\\', ESCAPE],
  ['tTnNbB', WORD_END],
  ['&', REFERENCE],
] as const)
  for (const character of characters) SIGNS[character.charCodeAt(0)] = sign;

const LOWER_CASE = 0x20;
const B = 0x62;
const N = 0x6e;
const DOT_BEGINNING = Buffer.from(' do');
const PUNTO_BEGINNING = Buffer.from(' pu');
const ARROBA_BEGINNING = Buffer.from('rro');

/** True when the three units before `end` are those, in any case. */
function endsIn(units: Buffer, end: number, beginning: Buffer): boolean {
  return (
    end >= 3 &&
    ((units[end - 1] as number) | LOWER_CASE) === beginning[2] &&
    ((units[end - 2] as number) | LOWER_CASE) === beginning[1] &&
    ((units[end - 3] as number) | LOWER_CASE) === beginning[0]
  );
}

/** The sign of the word whose third or fourth letter stands at `at`. */
function signOfWord(units: Buffer, at: number): number {
  const letter = (units[at] as number) | LOWER_CASE;
  if (letter === B) return endsIn(units, at, ARROBA_BEGINNING) ? AT_WORD : 0;
  return endsIn(units, at, letter === N ? PUNTO_BEGINNING : DOT_BEGINNING) ? DOT_WORD : 0;
}

const HASH = 0x23;
const SEMICOLON = 0x3b;
/** Beyond this the `;` of a named reference does not stand. */
const REFERENCE_LENGTH_MAX = 16;

/** True when a character reference may begin after the ampersand before `at`. */
function mayRefer(from: Buffer, at: number, end: number): boolean {
  if (from[at] === HASH) return true;
  const last = Math.min(end, at + REFERENCE_LENGTH_MAX);
  for (let next = at; next < last; next++) if (from[next] === SEMICOLON) return true;
  return false;
}

const LENGTH_AT_START = 1_024;

/** A text as its units, with all that detectors begin from. One reading is used for every text. */
export class Reading {
  /** A zero follows the last one. */
  units: Buffer = Buffer.alloc(LENGTH_AT_START);
  length = 0;
  /** Where each unit begins in the bytes that were read; for the one after the last, where they end. */
  origins = new Uint32Array(LENGTH_AT_START);
  signs = 0;
  /** Positions of the at signs. */
  ats = new Uint32Array(LENGTH_AT_START);
  atCount = 0;
  /** Where each group of adjacent digits begins. */
  groups = new Uint32Array(LENGTH_AT_START);
  groupCount = 0;

  /** Reads the UTF-8 text `from[start, end)`. False: it holds what cannot be told by its units. */
  read(from: Buffer, start: number, end: number): boolean {
    this.reserve(end - start + 1);
    const { units, origins } = this;
    let length = 0;
    let at = start;
    this.signs = 0;
    this.atCount = 0;
    this.groupCount = 0;
    while (at < end) {
      let unit = from[at] as number;
      origins[length] = at++;
      if (unit >= 0x80) {
        const point = pointAt(from, at, unit);
        at += tailLength(unit);
        unit = point < 0x1_0000 ? unitInPlane(point) : unitBeyond(point);
        if (unit === HIGH || unit === HIGH_LETTER) {
          units[length++] = unit;
          origins[length] = at - 4;
          unit = LOW;
        }
        if (unit === GONE) continue;
        if (unit === UNCERTAIN) return false;
      }
      units[length++] = unit;
      const sign = SIGNS[unit] as number;
      if (sign === REFERENCE && mayRefer(from, at, end)) return false;
      if (sign !== 0) this.note(sign, length - 1);
    }
    units[length] = 0;
    origins[length] = end;
    this.length = length;
    return true;
  }

  /** The unit at `at` is a sign of something. */
  private note(sign: number, at: number): void {
    const { units } = this;
    if (sign === WORD_END) {
      this.signs |= signOfWord(units, at);
      return;
    }
    this.signs |= sign;
    if (sign === AT) this.ats[this.atCount++] = at;
    else if (sign === DIGIT && (at === 0 || SIGNS[units[at - 1] as number] !== DIGIT))
      this.groups[this.groupCount++] = at;
  }

  private reserve(length: number): void {
    if (length <= this.units.length) return;
    const room = Math.max(length, this.units.length * 2);
    this.units = Buffer.alloc(room);
    this.origins = new Uint32Array(room);
    this.ats = new Uint32Array(room);
    this.groups = new Uint32Array(room);
  }
}

/** Bytes that follow the first one of a sequence. */
function tailLength(lead: number): number {
  if (lead < 0xe0) return 1;
  return lead < 0xf0 ? 2 : 3;
}

/** The code point whose first byte, `lead`, stands before `at`. */
function pointAt(from: Buffer, at: number, lead: number): number {
  const first = (from[at] as number) & 0x3f;
  if (lead < 0xe0) return ((lead & 0x1f) << 6) | first;
  const second = (from[at + 1] as number) & 0x3f;
  if (lead < 0xf0) return ((lead & 0x0f) << 12) | (first << 6) | second;
  return ((lead & 0x07) << 18) | (first << 12) | (second << 6) | ((from[at + 2] as number) & 0x3f);
}

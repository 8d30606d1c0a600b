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

const SIGNS = new Uint8Array(256);
SIGNS.fill(DIGIT, 0x30, 0x3a);
for (const [characters, sign] of [
  ['@', AT],
  ['([{<', OPENING],
  ['%\\', ESCAPE],
  ['tTnNbB', WORD_END],
] as const)
  for (const character of characters) SIGNS[character.charCodeAt(0)] = sign;

/** Four units as one number; letters in lower case. */
function four(word: string): number {
  return Buffer.from(word).readUInt32BE();
}
const LOWER_CASE = four('    ');
const DOT_UNITS = four(' dot');
const PUNTO_UNITS = four(' pun');
const ARROBA_UNITS = four('rrob');

/** The sign of the word that the last four units are of. */
function signOfWord(recent: number): number {
  const units = recent | LOWER_CASE;
  if (units === ARROBA_UNITS) return AT_WORD;
  return units === DOT_UNITS || units === PUNTO_UNITS ? DOT_WORD : 0;
}

const AMPERSAND = 0x26;
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
    let recent = 0;
    let at = start;
    this.signs = 0;
    this.atCount = 0;
    this.groupCount = 0;
    while (at < end) {
      let unit = from[at] as number;
      origins[length] = at++;
      if (unit >= 0x80) {
        const lead = unit;
        if (lead < 0xe0) {
          unit = unitInPlane(((lead & 0x1f) << 6) | tail(from, at));
          at++;
        } else if (lead < 0xf0) {
          unit = unitInPlane(((lead & 0x0f) << 12) | (tail(from, at) << 6) | tail(from, at + 1));
          at += 2;
        } else {
          const point = ((lead & 0x07) << 18) | (tail(from, at) << 12) | (tail(from, at + 1) << 6);
          unit = unitBeyond(point | tail(from, at + 2));
          at += 3;
          if (unit === HIGH || unit === HIGH_LETTER) {
            units[length++] = unit;
            origins[length] = at - 4;
            unit = LOW;
          }
        }
        if (unit === GONE) continue;
        if (unit === UNCERTAIN) return false;
      } else if (unit === AMPERSAND && mayRefer(from, at, end)) return false;
      units[length] = unit;
      recent = (recent << 8) | unit;
      const sign = SIGNS[unit] as number;
      if (sign !== 0) this.note(sign, length, recent);
      length++;
    }
    units[length] = 0;
    origins[length] = end;
    this.length = length;
    return true;
  }

  private note(sign: number, at: number, recent: number): void {
    if (sign === WORD_END) {
      this.signs |= signOfWord(recent);
      return;
    }
    this.signs |= sign;
    if (sign === AT) this.ats[this.atCount++] = at;
    else if (sign === DIGIT && SIGNS[(recent >> 8) & 0xff] !== DIGIT) this.groups[this.groupCount++] = at;
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

/** Six bits of a byte that goes on with a sequence. */
function tail(from: Buffer, at: number): number {
  return (from[at] as number) & 0x3f;
}

import { IS_ASCII_ATEXT, LABEL_LENGTH_MAX, LABELS_MAX, LOCAL_LENGTH_MAX } from '../email.ts';
import type { Finds } from '../finds.ts';
import type { Reading } from './reading.ts';
import { kindOfPoint, LETTER, NUMBER, PAIR, PAIR_LETTER } from './unit.ts';
import { pointAt, sequenceLength, sequenceStart } from './utf8.ts';

const AT = 0x40;
const DOT = 0x2e;
const HYPHEN = 0x2d;
const QUOTE = 0x22;
const BLANK = 0x20;
const AMPERSAND = 0x26;
const PERCENT = 0x25;
const BRACKET = 0x5b;
const BACKSLASH = 0x5c;

/** Bits of what a character may be in an address. */
const IN_LOCAL = 1;
const IN_LABEL = 2;
const BEGINS_LABEL = 4;
const IS_LETTER = 8;
const CLOSES = 16;
const IS_SPACE = 32;

/** By ASCII unit, and by the kinds of what is beyond. */
const IS = new Uint8Array(256);
for (let unit = 0; unit < 0x80; unit++) {
  const character = String.fromCharCode(unit);
  IS[unit] =
    (IS_ASCII_ATEXT[unit] === true ? IN_LOCAL : 0) |
    (/[\w-]/.test(character) ? IN_LABEL : 0) |
    (/[A-Za-z0-9]/.test(character) ? BEGINS_LABEL : 0) |
    (/[A-Za-z]/.test(character) ? IS_LETTER : 0) |
    (/[)\]}>]/.test(character) ? CLOSES : 0) |
    (/\s/.test(character) ? IS_SPACE : 0);
}
IS[LETTER] = IN_LOCAL | IN_LABEL | BEGINS_LABEL | IS_LETTER;
IS[NUMBER] = IN_LOCAL | IN_LABEL | BEGINS_LABEL;
IS[PAIR] = IN_LOCAL;
IS[PAIR_LETTER] = IN_LOCAL;

/** ASCII unit of the character that begins at `at`, or its kind. */
function characterAt(units: Buffer, at: number): number {
  const unit = units[at] as number;
  return unit < 0x80 ? unit : kindOfPoint(pointAt(units, at));
}

function lengthAt(units: Buffer, at: number): number {
  const unit = units[at] as number;
  return unit < 0x80 ? 1 : sequenceLength(unit);
}

function is(character: number, what: number): boolean {
  return ((IS[character] as number) & what) !== 0;
}

/** Words that stand for a sign between brackets (see `findEmails`); all that are not ASCII may. */
const SPELLED = /^(?:at?|arroba|chez|chiocciola|dot|kropka|malpa|point|punkt|punto)$/i;
const SPELLED_LENGTH_MAX = 10;
const LOWER_CASE = 0x20;

/** True when a sign or a word for one may stand between brackets from `at` on: `[@]`, `( dot )`. */
function mayBeSpelled(units: Buffer, at: number): boolean {
  let next = at + 1;
  if (is(units[next] as number, IS_SPACE)) next++;
  const unit = units[next];
  if (unit === DOT || unit === AT) return true;
  const word = next;
  let letters = 0;
  for (; letters <= SPELLED_LENGTH_MAX && is(characterAt(units, next), IS_LETTER); letters++)
    next += lengthAt(units, next);
  const closing = is(units[next] as number, IS_SPACE) ? next + 1 : next;
  if (!is(units[closing] as number, CLOSES)) return false;
  return next - word > letters || SPELLED.test(units.toString('latin1', word, next));
}

/** Escapes of the at sign and the dot, in lower case. */
const ESCAPES = ['%40', '%2e', '\\u0040'].map((spelling) => Buffer.from(spelling));

function mayBeEscaped(units: Buffer, at: number): boolean {
  return ESCAPES.some((spelling) =>
    spelling.every((unit, index) => unit === ((units[at + index] as number) | (index > 1 ? LOWER_CASE : 0))),
  );
}

/** True when addresses may be spelled in ways that take patterns to find. */
function mayBeDisguised({ units, marks, hasAtWord, hasDotWord }: Reading): boolean {
  let hasAt = hasAtWord;
  let isApart = hasDotWord;
  for (let index = 0; index < marks.count; index++) {
    const at = marks.list[index] as number;
    const unit = units[at] as number;
    if (unit === AT) hasAt = true;
    else if (unit === PERCENT || unit === BACKSLASH) {
      if (mayBeEscaped(units, at)) return true;
    } else if (unit !== AMPERSAND) {
      if (mayBeSpelled(units, at)) return true;
      if (unit === BRACKET) isApart = true;
    }
  }
  return isApart && hasAt;
}

/**
 * As `findEmails` of a text.
 * @returns false where that must be asked
 */
export function findEmails(reading: Reading, finds: Finds): boolean {
  if (mayBeDisguised(reading)) return false;
  const { units, marks } = reading;
  for (let index = 0; index < marks.count; index++) {
    const at = marks.list[index] as number;
    if (units[at] !== AT) continue;
    const before = units[at - 1] as number;
    const after = units[at + 1] as number;
    // Quoted local parts, blanks around the sign, address literals.
    if (before === QUOTE || before === BLANK || after === BLANK || after === BRACKET) return false;
    const start = localStart(units, at);
    if (start === at) continue;
    const end = domainEnd(units, at + 1);
    if (at - start >= LOCAL_LENGTH_MAX || end === undefined) return false;
    if (end > 0) finds.add('email', start, end);
  }
  return true;
}

function localStart(units: Buffer, end: number): number {
  const earliest = end - LOCAL_LENGTH_MAX;
  let start = end;
  while (start > earliest) {
    const last = sequenceStart(units, start);
    if (!is(characterAt(units, last), IN_LOCAL)) break;
    start = last;
  }
  return start;
}

/** End of the domain that begins at `start`; 0 where there is none, undefined where its units do not tell. */
function domainEnd(units: Buffer, start: number): number | undefined {
  let at = start;
  let labels = 0;
  let lettersBefore = 0;
  for (;;) {
    const label = at;
    let character = characterAt(units, at);
    if (!is(character, BEGINS_LABEL)) {
      // A domain may end before a dot, but a pair may be a letter.
      if (character === PAIR_LETTER) return undefined;
      at--;
      break;
    }
    let letters = 0;
    for (; is(character, IN_LABEL); character = characterAt(units, at)) {
      letters = is(character, IS_LETTER) ? letters + 1 : 0;
      at += lengthAt(units, at);
    }
    lettersBefore = letters;
    if (character === PAIR_LETTER || at - label > LABEL_LENGTH_MAX) return undefined;
    if (++labels > LABELS_MAX) return undefined;
    if (character !== DOT) break;
    at++;
  }
  if (labels < 2) return 0;
  if (lettersBefore >= 2) return at;
  return mayBePunycode(units, start, at) ? undefined : 0;
}

function mayBePunycode(units: Buffer, start: number, end: number): boolean {
  for (let at = start + 1; at < end; at++) if (units[at] === HYPHEN && units[at - 1] === HYPHEN) return true;
  return false;
}

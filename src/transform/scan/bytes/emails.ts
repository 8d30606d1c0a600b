import { IS_ASCII_ATEXT, LABEL_LENGTH_MAX, LABELS_MAX, LOCAL_LENGTH_MAX } from '../email.ts';
import type { Span } from '../span.ts';
import { AT, AT_WORD, DOT_WORD, ESCAPE, OPENING, type Reading } from './reading.ts';
import { HIGH, HIGH_LETTER, LETTER, LOW, NUMBER } from './unit.ts';

const DOT = 0x2e;
const HYPHEN = 0x2d;
const QUOTE = 0x22;
const BLANK = 0x20;
const PERCENT = 0x25;
const BRACKET = 0x5b;
const BACKSLASH = 0x5c;

/** Bits of what a unit may be in an address. */
const IN_LOCAL = 1;
const IN_LABEL = 2;
const BEGINS_LABEL = 4;
const IS_LETTER = 8;
const CLOSES = 16;
const OPENS = 32;
const IS_SPACE = 64;

const IS = new Uint8Array(256);
for (let unit = 0; unit < 0x80; unit++) {
  const character = String.fromCharCode(unit);
  IS[unit] =
    (IS_ASCII_ATEXT[unit] === true ? IN_LOCAL : 0) |
    (/[\w-]/.test(character) ? IN_LABEL : 0) |
    (/[A-Za-z0-9]/.test(character) ? BEGINS_LABEL : 0) |
    (/[A-Za-z]/.test(character) ? IS_LETTER : 0) |
    (/[)\]}>]/.test(character) ? CLOSES : 0) |
    (/[([{<]/.test(character) ? OPENS : 0) |
    (/\s/.test(character) ? IS_SPACE : 0);
}
IS[LETTER] = IN_LOCAL | IN_LABEL | BEGINS_LABEL | IS_LETTER;
IS[NUMBER] = IN_LOCAL | IN_LABEL | BEGINS_LABEL;
IS[HIGH] = IN_LOCAL;
IS[HIGH_LETTER] = IN_LOCAL;
IS[LOW] = IN_LOCAL;

/** Words that stand for a sign between brackets (see `findEmails`), and all that are not ASCII. */
const SPELLED = /^(?:at|arroba|chez|dot|kropka|point|punkt|punto|[a-z]*\x81[a-z\x81]*)$/i;
const SPELLED_LENGTH_MAX = 6;
const LOWER_CASE = 0x20;

function is(unit: number | undefined, what: number): boolean {
  return ((IS[unit as number] as number) & what) !== 0;
}

/** True when a sign or a word for one may stand between brackets from `at` on: `[@]`, `( dot )`. */
function mayBeSpelled(units: Buffer, at: number): boolean {
  let next = at + 1;
  if (is(units[next], IS_SPACE)) next++;
  const unit = units[next];
  if (unit === DOT || unit === 0x40) return true;
  const word = next;
  while (is(units[next], IS_LETTER)) next++;
  if (next - word > SPELLED_LENGTH_MAX || !SPELLED.test(units.toString('latin1', word, next))) return false;
  if (is(units[next], IS_SPACE)) next++;
  return is(units[next], CLOSES);
}

/** Escapes of the at sign and the dot, in lower case. */
const ESCAPES = ['%40', '%2e', '\\u0040'].map((spelling) => Buffer.from(spelling));

function mayBeEscaped(units: Buffer, at: number): boolean {
  return ESCAPES.some((spelling) =>
    spelling.every((unit, index) => unit === ((units[at + index] as number) | (index > 1 ? LOWER_CASE : 0))),
  );
}

/** True when addresses may be spelled in ways that take patterns to find. */
function mayBeDisguised({ units, length, signs }: Reading): boolean {
  if ((signs & AT_WORD) !== 0) return true;
  if ((signs & (OPENING | ESCAPE | DOT_WORD)) === 0) return false;
  let isBracketed = false;
  let hasAt = (signs & AT) !== 0;
  for (let at = 0; at < length; at++) {
    const unit = units[at] as number;
    if (unit === PERCENT || unit === BACKSLASH) {
      if (mayBeEscaped(units, at)) return true;
    } else if (is(unit, OPENS)) {
      if (mayBeSpelled(units, at)) return true;
      if (unit === BRACKET) isBracketed = true;
    } else if (unit === BLANK && isAtWord(units, at)) hasAt = true;
  }
  return hasAt && (isBracketed || (signs & DOT_WORD) !== 0);
}

/** ` at ` */
function isAtWord(units: Buffer, at: number): boolean {
  return (
    ((units[at + 1] as number) | LOWER_CASE) === 0x61 &&
    ((units[at + 2] as number) | LOWER_CASE) === 0x74 &&
    units[at + 3] === BLANK
  );
}

/** As `findEmails`; undefined where that must be asked. */
export function emailsIn(reading: Reading): Span[] | undefined {
  if (mayBeDisguised(reading)) return undefined;
  const { units, ats, atCount } = reading;
  const spans: Span[] = [];
  for (let index = 0; index < atCount; index++) {
    const at = ats[index] as number;
    const before = at === 0 ? 0 : (units[at - 1] as number);
    const after = units[at + 1] as number;
    // Quoted local parts, blanks around the sign, address literals.
    if (before === QUOTE || before === BLANK || after === BLANK || after === BRACKET) return undefined;
    if (!is(before, IN_LOCAL)) continue;
    const start = localStart(units, at);
    const end = domainEnd(units, at + 1);
    if (at - start >= LOCAL_LENGTH_MAX || end === undefined) return undefined;
    if (end > 0) spans.push({ start, end });
  }
  return spans;
}

function localStart(units: Buffer, end: number): number {
  const earliest = Math.max(0, end - LOCAL_LENGTH_MAX);
  let start = end;
  while (start > earliest && is(units[start - 1], IN_LOCAL)) start--;
  return start;
}

/** End of the domain that begins at `start`; 0 where there is none, undefined where its units do not tell. */
function domainEnd(units: Buffer, start: number): number | undefined {
  let at = start;
  let labels = 0;
  for (;;) {
    const label = at;
    if (!is(units[at], BEGINS_LABEL)) {
      // A domain may end before a dot, but a pair may be a letter.
      if (units[at] === HIGH_LETTER) return undefined;
      at--;
      break;
    }
    while (is(units[at], IN_LABEL)) at++;
    if (units[at] === HIGH_LETTER || at - label > LABEL_LENGTH_MAX) return undefined;
    if (++labels > LABELS_MAX) return undefined;
    if (units[at] !== DOT) break;
    at++;
  }
  if (labels < 2) return 0;
  if (is(units[at - 1], IS_LETTER) && is(units[at - 2], IS_LETTER)) return at;
  return mayBePunycode(units, start, at) ? undefined : 0;
}

function mayBePunycode(units: Buffer, start: number, end: number): boolean {
  for (let at = start + 1; at < end; at++) if (units[at] === HYPHEN && units[at - 1] === HYPHEN) return true;
  return false;
}

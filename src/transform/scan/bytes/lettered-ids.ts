import { LETTERED } from '../national-id.ts';
import type { Span } from '../span.ts';
import type { Reading } from './reading.ts';

/** What a unit may be in an id; bits. */
const LETTER = 1;
const DIGIT = 2;
/** First letter of a NIE. */
const FOREIGN = 4;
/** In a codice fiscale: a digit, or a letter in its place. */
const OMOCODE = 8;
const MONTH = 16;
/** First digit of a NIR. */
const SEX = 32;
const TWO = 64;
const CORSICA = 128;
const BLANK_OR_DOT = 256;
const BLANK_OR_DASH = 512;
const BEFORE_CHECK = 1_024;

const IS = Uint16Array.from({ length: 256 }, (_, unit) => {
  const character = String.fromCharCode(unit);
  const bit = (pattern: RegExp, what: number): number => (pattern.test(character) ? what : 0);
  return (
    bit(/[A-Z]/i, LETTER) |
    bit(/\d/, DIGIT) |
    bit(/[KLMXYZ]/i, FOREIGN) |
    bit(/[\dLMNP-V]/i, OMOCODE) |
    bit(/[A-EHLMPRST]/i, MONTH) |
    bit(/[1-478]/, SEX) |
    bit(/2/, TWO) |
    bit(/[AB]/i, CORSICA) |
    bit(/[ .]/, BLANK_OR_DOT) |
    bit(/[ -]/, BLANK_OR_DASH) |
    bit(/[ .\-/]/, BEFORE_CHECK)
  );
});

const IN_WORD = Uint8Array.from(IS, (what) => ((what & (LETTER | DIGIT)) === 0 ? 0 : 1));

/** Separators that may stand, and the units that must follow them. */
type Group = readonly [separators: number, separatorsMax: number, ...units: readonly number[]];

/** An id as one of the patterns in `national-id.ts`, spelled out unit by unit. */
interface Form {
  /** Flat: per unit what it must be, what separators may stand before it, and how many. */
  readonly steps: Uint16Array;
  readonly isValid: (compact: string) => boolean;
}

function form(groups: readonly Group[], { isValid }: Pick<Form, 'isValid'>): Form {
  const steps = groups.flatMap(([separators, separatorsMax, ...units]) =>
    units.flatMap((unit, index) => (index === 0 ? [unit, separators, separatorsMax] : [unit, 0, 0])),
  );
  return { steps: Uint16Array.from(steps), isValid };
}

const THREE_DIGITS: Group = [BLANK_OR_DOT, 1, DIGIT, DIGIT, DIGIT];
const CHECK_LETTER: Group = [BEFORE_CHECK, 2, LETTER];

/** The forms of a pattern, in the order it tries them, and where its last match ends: matches of one do not overlap. */
type Pattern = { readonly forms: readonly Form[]; end: number };

const DNI: Pattern = {
  forms: [
    form([[0, 0, DIGIT, DIGIT], THREE_DIGITS, THREE_DIGITS, CHECK_LETTER], LETTERED.dni),
    form([[0, 0, DIGIT], THREE_DIGITS, THREE_DIGITS, CHECK_LETTER], LETTERED.dni),
  ],
  end: 0,
};
const NIE: Pattern = {
  forms: [
    form([[0, 0, FOREIGN], [BEFORE_CHECK, 2, DIGIT], THREE_DIGITS, THREE_DIGITS, CHECK_LETTER], LETTERED.nie),
  ],
  end: 0,
};
const CODICE_FISCALE: Pattern = {
  forms: [
    form(
      [
        [0, 0, LETTER, LETTER, LETTER],
        [BLANK_OR_DASH, 1, LETTER, LETTER, LETTER],
        [BLANK_OR_DASH, 1, OMOCODE, OMOCODE, MONTH, OMOCODE, OMOCODE],
        [BLANK_OR_DASH, 1, LETTER, OMOCODE, OMOCODE, OMOCODE],
        [BLANK_OR_DASH, 1, LETTER],
      ],
      LETTERED.codiceFiscale,
    ),
  ],
  end: 0,
};
const CORSICAN_NIR: Pattern = {
  forms: [
    form(
      [
        [0, 0, SEX],
        [BLANK_OR_DOT, 1, DIGIT, DIGIT],
        [BLANK_OR_DOT, 1, DIGIT, DIGIT],
        [BLANK_OR_DOT, 1, TWO, CORSICA],
        THREE_DIGITS,
        THREE_DIGITS,
        [BEFORE_CHECK, 2, DIGIT, DIGIT],
      ],
      LETTERED.corsicanNir,
    ),
  ],
  end: 0,
};
const PATTERNS = [DNI, NIE, CODICE_FISCALE, CORSICAN_NIR];

/** Lengths, as bits, of the first word of a codice fiscale: it may be parted after 3, 6, 11 and 15 units. */
const FISCAL_LENGTHS = (1 << 3) | (1 << 6) | (1 << 11) | (1 << 15) | (1 << 16);
const FISCAL_LENGTH_MAX = 16;

/** End of the form that begins at `start`; -1 where it does not. Reads no further than the zero after the last unit. */
function endOf(units: Buffer, start: number, { steps }: Form): number {
  let at = start;
  for (let step = 0; step < steps.length; step += 3) {
    const separators = steps[step + 1] as number;
    for (let left = steps[step + 2] as number; left > 0 && is(units, at, separators); left--) at++;
    if (!is(units, at, steps[step] as number)) return -1;
    at++;
  }
  return is(units, at, LETTER | DIGIT) ? -1 : at;
}

function is(units: Buffer, at: number, what: number): boolean {
  return ((IS[units[at] as number] as number) & what) !== 0;
}

/** As the patterns of `findNationalIds`: what begins where a word or number begins. */
export function letteredIdsIn({ units, length }: Reading): Span[] {
  const spans: Span[] = [];
  for (const pattern of PATTERNS) pattern.end = 0;
  let at = 0;
  while (at < length) {
    const start = at;
    while (IN_WORD[units[at] as number] === 1) at++;
    if (at > start) matchWord(units, start, at - start, spans);
    at++;
  }
  return spans;
}

function matchWord(units: Buffer, start: number, length: number, spans: Span[]): void {
  const first = IS[units[start] as number] as number;
  if ((first & DIGIT) !== 0) {
    match(DNI, units, start, spans);
    if ((first & SEX) !== 0) match(CORSICAN_NIR, units, start, spans);
    return;
  }
  if (length <= FISCAL_LENGTH_MAX && (FISCAL_LENGTHS & (1 << length)) !== 0)
    match(CODICE_FISCALE, units, start, spans);
  if ((first & FOREIGN) !== 0 && is(units, start + 1, DIGIT | BEFORE_CHECK)) match(NIE, units, start, spans);
}

function match(pattern: Pattern, units: Buffer, start: number, spans: Span[]): void {
  if (start < pattern.end) return;
  for (const one of pattern.forms) {
    const end = endOf(units, start, one);
    if (end < 0) continue;
    pattern.end = end;
    const compact = units.toString('latin1', start, end).replace(/[^A-Za-z\d]+/g, '');
    if (one.isValid(compact.toUpperCase())) spans.push({ start, end });
    return;
  }
}

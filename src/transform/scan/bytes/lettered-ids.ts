import { isDigit } from '../digits.ts';
import type { Finds } from '../finds.ts';
import { LETTERED } from '../national-id.ts';
import type { Reading } from './reading.ts';
import { FISCAL_DATE_LENGTH } from './traces.ts';

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
const BETWEEN_DIGITS = 256;
const BETWEEN_WORDS = 512;
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
    bit(/[ .-]/, BETWEEN_DIGITS) |
    bit(/[\t-\r .-]/, BETWEEN_WORDS) |
    bit(/[\t-\r .\-/_]/, BEFORE_CHECK)
  );
});

/** Separators that may stand, and the units that must follow them. */
type Group = readonly [separators: number, separatorsMax: number, ...units: readonly number[]];

/** An id as one of the patterns in `national-id.ts`, spelled out unit by unit. */
interface Form {
  /** Flat: per unit what it must be, what separators may stand before it, and how many. */
  readonly steps: Uint16Array;
  readonly isValid: (units: Buffer, start: number, end: number) => boolean;
}

function form(groups: readonly Group[], isValid: Form['isValid']): Form {
  const steps = groups.flatMap(([separators, separatorsMax, ...units]) =>
    units.flatMap((unit, index) => (index === 0 ? [unit, separators, separatorsMax] : [unit, 0, 0])),
  );
  return { steps: Uint16Array.from(steps), isValid };
}

const BEFORE_CHECK_MAX = 3;
const BETWEEN_WORDS_MAX = 2;

const ZERO = 0x30;
const DNI_LETTERS = Buffer.from('TRWAGMYFPDXBNJZSQVHLCKE');
const X = 0x58;
const Z = 0x5a;
const UPPER_CASE = 0x5f;

/**
 * ES: the last letter is the number modulo 23 (RD 1553/2005); the X, Y or Z before it counts as 0, 1 or 2 (Orden
 * INT/2058/2008), a K, L or M not at all.
 */
function hasDniLetter(units: Buffer, start: number, end: number): boolean {
  const first = (units[start] as number) & UPPER_CASE;
  let number = first >= X && first <= Z ? first - X : 0;
  for (let at = start; at < end; at++) {
    const unit = units[at] as number;
    if (isDigit(unit)) number = number * 10 + unit - ZERO;
  }
  return DNI_LETTERS[number % DNI_LETTERS.length] === ((units[end - 1] as number) & UPPER_CASE);
}

/** Asks what the scan of texts asks. */
function validBy({ isValid }: { readonly isValid: (compact: string) => boolean }): Form['isValid'] {
  return (units, start, end) =>
    isValid(
      units
        .toString('latin1', start, end)
        .replace(/[^A-Za-z\d]+/g, '')
        .toUpperCase(),
    );
}

const THREE_DIGITS: Group = [BETWEEN_DIGITS, 1, DIGIT, DIGIT, DIGIT];
const CHECK_LETTER: Group = [BEFORE_CHECK, BEFORE_CHECK_MAX, LETTER];

/** The forms of a pattern, in the order it tries them, and where the last id of it ends: they do not overlap. */
type Pattern = { readonly forms: readonly Form[]; end: number };

const DNI: Pattern = {
  forms: [
    form([[0, 0, DIGIT, DIGIT], THREE_DIGITS, THREE_DIGITS, CHECK_LETTER], hasDniLetter),
    form([[0, 0, DIGIT], THREE_DIGITS, THREE_DIGITS, CHECK_LETTER], hasDniLetter),
  ],
  end: 0,
};
const NIE: Pattern = {
  forms: [
    form(
      [[0, 0, FOREIGN], [BEFORE_CHECK, BEFORE_CHECK_MAX, DIGIT], THREE_DIGITS, THREE_DIGITS, CHECK_LETTER],
      hasDniLetter,
    ),
  ],
  end: 0,
};
const CODICE_FISCALE: Pattern = {
  forms: [
    form(
      [
        [0, 0, LETTER, LETTER, LETTER],
        [BETWEEN_WORDS, BETWEEN_WORDS_MAX, LETTER, LETTER, LETTER],
        [BETWEEN_WORDS, BETWEEN_WORDS_MAX, OMOCODE, OMOCODE, MONTH, OMOCODE, OMOCODE],
        [BETWEEN_WORDS, BETWEEN_WORDS_MAX, LETTER, OMOCODE, OMOCODE, OMOCODE],
        [BETWEEN_WORDS, BETWEEN_WORDS_MAX, LETTER],
      ],
      validBy(LETTERED.codiceFiscale),
    ),
  ],
  end: 0,
};
const CORSICAN_NIR: Pattern = {
  forms: [
    form(
      [
        [0, 0, SEX],
        [BETWEEN_DIGITS, 1, DIGIT, DIGIT],
        [BETWEEN_DIGITS, 1, DIGIT, DIGIT],
        [BETWEEN_DIGITS, 1, TWO, CORSICA],
        THREE_DIGITS,
        THREE_DIGITS,
        [BEFORE_CHECK, BEFORE_CHECK_MAX, DIGIT, DIGIT],
      ],
      validBy(LETTERED.corsicanNir),
    ),
  ],
  end: 0,
};
const PATTERNS = [DNI, NIE, CODICE_FISCALE, CORSICAN_NIR];

/** Lengths, as bits, of the digits that such an id may begin with, up to the first separator. */
const DNI_GROUPS = (1 << 1) | (1 << 2) | (1 << 4) | (1 << 5) | (1 << 7) | (1 << 8);
const NIE_GROUPS = (1 << 1) | (1 << 4) | (1 << 7);
const CORSICAN_GROUPS = (1 << 1) | (1 << 3) | (1 << 5) | (1 << 6);
const GROUP_LENGTH_MAX = 8;

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

/** As the patterns of `findNationalIds`: goes from each group of digits, and from each date of a codice fiscale. */
export function findLetteredIds({ units, digits, fiscalDates }: Reading, finds: Finds): void {
  for (const pattern of PATTERNS) pattern.end = 0;
  for (let group = 0; group < digits.groupCount; group++) {
    const length = digits.lengthOf(group);
    if (length > GROUP_LENGTH_MAX) continue;
    const start = digits.startOf(group);
    if (has(NIE_GROUPS, length)) matchNie(units, start, finds);
    if (has(DNI_GROUPS, length)) match(DNI, units, start, finds);
    if (has(CORSICAN_GROUPS, length) && is(units, start, SEX)) match(CORSICAN_NIR, units, start, finds);
  }
  for (let index = 0; index < fiscalDates.count; index++)
    matchCodiceFiscale(units, fiscalDates.list[index] as number, finds);
}

function has(lengths: number, length: number): boolean {
  return ((lengths >> length) & 1) === 1;
}

/** @param digit where the first group of digits begins */
function matchNie(units: Buffer, digit: number, finds: Finds): void {
  let start = digit - 1;
  for (let left = BEFORE_CHECK_MAX; left > 0 && is(units, start, BEFORE_CHECK); left--) start--;
  if (is(units, start, FOREIGN)) match(NIE, units, start, finds);
}

/** @param last unit of its date, before which two groups of three letters stand */
function matchCodiceFiscale(units: Buffer, last: number, finds: Finds): void {
  let start = last - FISCAL_DATE_LENGTH + 1;
  for (let group = 0; group < 2; group++) {
    for (let left = BETWEEN_WORDS_MAX; left > 0 && is(units, start - 1, BETWEEN_WORDS); left--) start--;
    start -= 3;
  }
  if (start >= 0) match(CODICE_FISCALE, units, start, finds);
}

function match(pattern: Pattern, units: Buffer, start: number, finds: Finds): void {
  if (start < pattern.end) return;
  for (const one of pattern.forms) {
    const end = endOf(units, start, one);
    if (end < 0) continue;
    if (!one.isValid(units, start, end)) return;
    pattern.end = end;
    finds.add('national-id', start, end);
    return;
  }
}

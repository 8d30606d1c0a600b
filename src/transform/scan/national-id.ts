import * as nif from 'stdnum/lib/cjs/es/nif.js';
import * as nir from 'stdnum/lib/cjs/fr/nir.js';
import * as codiceFiscale from 'stdnum/lib/cjs/it/codicefiscale.js';
import { hasMod11Mod10Digit, hasNirKey, hasPeselDigit, hasRnokppDigit } from './check-digit.ts';
import type { Digits } from './digits.ts';
import type { Finds } from './finds.ts';
import { findNumbers, type NumberKind } from './number-kind.ts';
import { findWrappedNumbers } from './wrapped.ts';

interface LetteredId {
  /** Fixed lengths and few separators between groups: linear. Letters may stand directly before it (`NIF12345678Z`). */
  readonly pattern: RegExp;
  /** @param compact without separators, in upper case */
  readonly isValid: (compact: string) => boolean;
}

export const LETTERED = {
  dni: {
    // ES DNI: 12345678Z, 12.345.678-Z, leading zeros often left out.
    pattern: /(?<!\d)\d{1,2}[ .-]?\d{3}[ .-]?\d{3}[\t-\r .\-/_]{0,3}[A-Z](?![A-Z\d])/gi,
    isValid: (compact) => nif.validate(compact.padStart(9, '0')).isValid,
  },
  nie: {
    // ES NIE (X, Y, Z) and NIF of minors and foreigners (K, L, M).
    pattern: /[KLMXYZ][\t-\r .\-/_]{0,3}\d[ .-]?\d{3}[ .-]?\d{3}[\t-\r .\-/_]{0,3}[A-Z](?![A-Z\d])/gi,
    isValid: (compact) => nif.validate(compact).isValid,
  },
  codiceFiscale: {
    // IT codice fiscale; digits may be letters where two people would share a code (omocodia).
    pattern:
      /[A-Z]{3}[\t-\r .-]{0,2}[A-Z]{3}[\t-\r .-]{0,2}[\dLMNP-V]{2}[A-EHLMPRST][\dLMNP-V]{2}[\t-\r .-]{0,2}[A-Z][\dLMNP-V]{3}[\t-\r .-]{0,2}[A-Z](?![A-Z\d])/gi,
    isValid: (compact) => codiceFiscale.validate(compact).isValid,
  },
  corsicanNir: {
    // FR NIR of people born in Corsica (departments 2A and 2B); the others are digits only.
    pattern:
      /(?<!\d)[1-478][ .-]?\d\d[ .-]?\d\d[ .-]?2[AB][ .-]?\d{3}[ .-]?\d{3}[\t-\r .\-/_]{0,3}\d\d(?![A-Z\d])/gi,
    isValid: (compact) => nir.validate(compact).isValid,
  },
} as const satisfies Readonly<Record<string, LetteredId>>;

/** Month (with 20, 40, 60 or 80 added for the century) and day. */
function isPeselDate(values: Uint32Array, from: number): boolean {
  const tens = values[from + 2] as number;
  const ones = values[from + 3] as number;
  const day = (values[from + 4] as number) * 10 + (values[from + 5] as number);
  return (tens % 2 === 0 ? ones > 0 : ones <= 2) && day >= 1 && day <= 31;
}

const TEN_DIGITS = 0b11_1111_1111;

/** The first digit is not zero, and among the first ten some digit is repeated. */
function isSteuerId(values: Uint32Array, from: number): boolean {
  let met = 0;
  for (let at = from; at < from + 10; at++) met |= 1 << (values[at] as number);
  return values[from] !== 0 && met !== TEN_DIGITS;
}

const SEXES: readonly number[] = [1, 2, 3, 4, 7, 8];

/** Ids of digits alone. These tests run on every long number, so they are arithmetic and not a library's. */
const NUMERIC: NumberKind = {
  min: 10,
  max: 15,
  accepts: (values, from, length) => {
    switch (length) {
      case 10:
        return hasRnokppDigit(values, from);
      case 11:
        return (
          (hasPeselDigit(values, from) && isPeselDate(values, from)) ||
          (hasMod11Mod10Digit(values, from, length) && isSteuerId(values, from))
        );
      case 15:
        return SEXES.includes(values[from] as number) && hasNirKey(values, from);
      default:
        return false;
    }
  },
};

/** Those of them that people write in groups. */
const GROUPED: NumberKind = {
  min: 11,
  max: 15,
  accepts: (values, from, length) =>
    length === 11
      ? hasMod11Mod10Digit(values, from, length) && isSteuerId(values, from)
      : NUMERIC.accepts(values, from, length),
};

/** Those that are digits only. */
export function findNumericIds(digits: Digits, finds: Finds): void {
  findNumbers(digits, NUMERIC, 'national-id', finds);
  findWrappedNumbers(digits, GROUPED, 'national-id', finds);
}

/**
 * National ids of people with their check digits: ES DNI, NIE and NIF; PL PESEL; UA РНОКПП; DE Steuer-ID; FR NIR; IT
 * codice fiscale. Company numbers are not looked for.
 */
export function findNationalIds(text: string, digits: Digits, finds: Finds): void {
  for (const lettered of Object.values(LETTERED)) findLettered(text, lettered, finds);
  findNumericIds(digits, finds);
}

function findLettered(text: string, { pattern, isValid }: LetteredId, finds: Finds): void {
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const { 0: found, index } = match;
    const compact = found.replace(/[^A-Za-z\d]+/g, '').toUpperCase();
    if (isValid(compact)) finds.add('national-id', index, index + found.length);
    // An id may begin within what only looked like one.
    else pattern.lastIndex = index + 1;
  }
}

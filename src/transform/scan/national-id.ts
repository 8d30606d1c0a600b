import * as nif from 'stdnum/lib/cjs/es/nif.js';
import * as nir from 'stdnum/lib/cjs/fr/nir.js';
import * as codiceFiscale from 'stdnum/lib/cjs/it/codicefiscale.js';
import { hasMod11Mod10Digit, hasNirKey, hasPeselDigit, hasRnokppDigit } from './check-digit.ts';
import type { Digits } from './digits.ts';
import type { Finds } from './finds.ts';
import { findNumbers, type NumberKind } from './number-kind.ts';
import { matchesOf } from './span.ts';

interface LetteredId {
  /** Fixed lengths and at most two separators between groups: linear. */
  readonly pattern: RegExp;
  /** @param compact without separators, in upper case */
  readonly isValid: (compact: string) => boolean;
}

export const LETTERED = {
  dni: {
    // ES DNI: 12345678Z, 12.345.678-Z, leading zeros often left out.
    pattern: /(?<![\dA-Z])\d{1,2}[ .]?\d{3}[ .]?\d{3}[ .\-/]{0,2}[A-Z](?![A-Z\d])/gi,
    isValid: (compact) => nif.validate(compact.padStart(9, '0')).isValid,
  },
  nie: {
    // ES NIE (X, Y, Z) and NIF of minors and foreigners (K, L, M).
    pattern: /(?<![A-Z\d])[KLMXYZ][ .\-/]{0,2}\d[ .]?\d{3}[ .]?\d{3}[ .\-/]{0,2}[A-Z](?![A-Z\d])/gi,
    isValid: (compact) => nif.validate(compact).isValid,
  },
  codiceFiscale: {
    // IT codice fiscale; digits may be letters where two people would share a code (omocodia).
    pattern:
      /(?<![A-Z\d])[A-Z]{3}[ -]?[A-Z]{3}[ -]?[\dLMNP-V]{2}[A-EHLMPRST][\dLMNP-V]{2}[ -]?[A-Z][\dLMNP-V]{3}[ -]?[A-Z](?![A-Z\d])/gi,
    isValid: (compact) => codiceFiscale.validate(compact).isValid,
  },
  corsicanNir: {
    // FR NIR of people born in Corsica (departments 2A and 2B); the others are digits only.
    pattern:
      /(?<![A-Z\d])[1-478][ .]?\d\d[ .]?\d\d[ .]?2[AB][ .]?\d{3}[ .]?\d{3}[ .\-/]{0,2}\d\d(?![A-Z\d])/gi,
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

/** Those that are digits only. */
export function findNumericIds(digits: Digits, finds: Finds): void {
  findNumbers(digits, NUMERIC, 'national-id', finds);
}

/**
 * National ids of people with their check digits: ES DNI, NIE and NIF; PL PESEL; UA РНОКПП; DE Steuer-ID; FR NIR; IT
 * codice fiscale. Company numbers are not looked for.
 */
export function findNationalIds(text: string, digits: Digits, finds: Finds): void {
  for (const { pattern, isValid } of Object.values(LETTERED))
    for (const { 0: found, index } of matchesOf(text, pattern)) {
      const compact = found.replace(/[^A-Za-z\d]+/g, '').toUpperCase();
      if (isValid(compact)) finds.add('national-id', index, index + found.length);
    }
  findNumericIds(digits, finds);
}

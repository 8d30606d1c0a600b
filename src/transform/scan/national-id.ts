import * as nif from 'stdnum/lib/cjs/es/nif.js';
import * as nir from 'stdnum/lib/cjs/fr/nir.js';
import * as codiceFiscale from 'stdnum/lib/cjs/it/codicefiscale.js';
import { hasMod11Mod10Digit, hasNirKey, hasPeselDigit, hasRnokppDigit } from './check-digit.ts';
import { type DigitRun, partsOf } from './digit-run.ts';
import { matchesOf, type Span } from './span.ts';

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

/** Year, month (with the century added to it, 20 to 80 of them) and day. */
const PESEL = /^\d\d(?:[02468][1-9]|[13579][0-2])(?:0[1-9]|[12]\d|3[01])\d{5}$/;
/** One digit of the first ten stands there twice or three times. */
const STEUER_ID = /^(?=[1-9]\d{10}$)\d*(\d)\d*\1\d*\d$/;
const NIR = /^[1-478]\d{14}$/;

/** Digits-only ids by length: these tests run on every long number, so they are arithmetic and not a library's. */
function isNumericId(digits: string): boolean {
  switch (digits.length) {
    case 10:
      return hasRnokppDigit(digits);
    case 11:
      return (
        (hasPeselDigit(digits) && PESEL.test(digits)) ||
        (hasMod11Mod10Digit(digits) && STEUER_ID.test(digits))
      );
    case 15:
      return NIR.test(digits) && hasNirKey(digits);
    default:
      return false;
  }
}

/**
 * National ids of people with their check digits: ES DNI, NIE and NIF; PL PESEL; UA РНОКПП; DE Steuer-ID; FR NIR; IT
 * codice fiscale. Company numbers are not looked for.
 */
export function findNationalIds(text: string, runs: readonly DigitRun[]): Span[] {
  const lettered = Object.values(LETTERED).flatMap(({ pattern, isValid }) =>
    matchesOf(text, pattern).flatMap(({ 0: found, index }) => {
      const compact = found.replace(/[^A-Za-z\d]+/g, '').toUpperCase();
      return isValid(compact) ? [{ start: index, end: index + found.length }] : [];
    }),
  );
  return [...lettered, ...findNumericIds(runs)];
}

/** Those that are digits only. */
export function findNumericIds(runs: readonly DigitRun[]): Span[] {
  return runs.flatMap((run) => partsOf(run, [10, 15], isNumericId));
}

import { getCountrySpecifications } from 'ibantools';
import { matchesOf, type Span } from './span.ts';

/** Two letters and two check digits; letters may stand directly before them (`IBANES91...`). */
const START = /[A-Z]{2} ?\d/gi;
export const SEPARATORS = ' .-/_';
export const SEPARATORS_MAX = 3;

/** Length by country, from the SWIFT IBAN registry as ibantools carries it. */
export const LENGTHS: ReadonlyMap<string, number> = new Map(
  Object.entries(getCountrySpecifications()).flatMap(([country, { chars, IBANRegistry }]) =>
    IBANRegistry && chars !== null ? [[country, chars] as const] : [],
  ),
);

const LETTERS = 26;
/** Values of digits and letters by ISO 7064 MOD 97-10; no other unit has one. */
export const NO_VALUE = 0xff;
export const VALUE = new Uint8Array(256).fill(NO_VALUE);
for (let digit = 0; digit < 10; digit++) VALUE[0x30 + digit] = digit;
for (let letter = 0; letter < LETTERS; letter++) {
  VALUE[0x41 + letter] = 10 + letter;
  VALUE[0x61 + letter] = 10 + letter;
}

/** Country and check digits. */
export const HEAD_LENGTH = 4;
/** Two letters are two digits each. */
const HEAD_WEIGHT = 1_000_000;
const MODULUS = 97;
/** ISO 13616-1: lower check digits leave the same remainder but are not issued. */
const CHECK_MIN = 2;
const CHECK_MAX = 98;

/** A number with one more digit or letter at its end. */
export function appended(number: number, value: number): number {
  return number * (value < 10 ? 10 : 100) + value;
}

/** The same modulo 97. */
export function appendedRest(rest: number, value: number): number {
  return appended(rest, value) % MODULUS;
}

/**
 * Whether country and check digits fit the account. The country's own rules for accounts are not checked: everything
 * with an IBAN's length and valid check digits is hidden.
 * @param head country and check digits as a number
 * @param rest of the account modulo 97, which comes first in the check
 */
export function holdsCheck(head: number, rest: number): boolean {
  const check = head % 100;
  return check >= CHECK_MIN && check <= CHECK_MAX && (rest * HEAD_WEIGHT + head) % MODULUS === 1;
}

/** Reads an IBAN that begins here. Its length follows from the country, so it does not matter what comes after. */
function readIban(text: string, start: number, length: number): Span | undefined {
  let head = 0;
  let rest = 0;
  let count = 0;
  let separators = 0;
  let index = start;
  for (; count < length; index++) {
    const value = VALUE[text.charCodeAt(index)] ?? NO_VALUE;
    if (value === NO_VALUE) {
      if (!SEPARATORS.includes(text.charAt(index)) || ++separators > SEPARATORS_MAX) return undefined;
      continue;
    }
    separators = 0;
    if (++count > HEAD_LENGTH) rest = appendedRest(rest, value);
    else if (count === HEAD_LENGTH && value > 9) return undefined;
    else head = appended(head, value);
  }
  return holdsCheck(head, rest) ? { start, end: index } : undefined;
}

/** IBANs of every country in the registry: of its length, checked by ISO 7064 MOD 97-10. */
export function findIbans(text: string): Span[] {
  return matchesOf(text, START).flatMap(({ 0: found, index }) => {
    const length = LENGTHS.get(found.slice(0, 2).toUpperCase());
    const span = length === undefined ? undefined : readIban(text, index, length);
    return span === undefined ? [] : [span];
  });
}

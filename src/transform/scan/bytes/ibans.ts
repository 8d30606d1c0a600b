import { isValidBBAN } from 'ibantools';
import type { Finds } from '../finds.ts';
import { LENGTHS, SEPARATORS, SEPARATORS_MAX } from '../iban.ts';
import type { Reading } from './reading.ts';

const BLANK = 0x20;
const LETTERS = 26;
/** Country and check digits. */
const HEAD_LENGTH = 4;
/** Two letters are two digits each. */
const HEAD_WEIGHT = 1_000_000;
const MODULUS = 97;

/** Values of digits and letters by ISO 7064 MOD 97-10; no other unit has one. */
const NONE = 0xff;
const VALUE = new Uint8Array(256).fill(NONE);
for (let digit = 0; digit < 10; digit++) VALUE[0x30 + digit] = digit;
for (let letter = 0; letter < LETTERS; letter++) {
  VALUE[0x41 + letter] = 10 + letter;
  VALUE[0x61 + letter] = 10 + letter;
}
const IS_SEPARATOR = new Uint8Array(256);
for (const separator of SEPARATORS) IS_SEPARATOR[separator.charCodeAt(0)] = 1;

/** Length of an IBAN by the values of its two letters; 0 where no country has them. */
const LENGTH = new Uint8Array(LETTERS * LETTERS);
for (const [country, length] of LENGTHS)
  LENGTH[indexOf(country.charCodeAt(0), country.charCodeAt(1))] = length;

function indexOf(first: number, second: number): number {
  return ((VALUE[first] as number) - 10) * LETTERS + (VALUE[second] as number) - 10;
}

function isLetter(unit: number): boolean {
  const value = VALUE[unit] as number;
  return value >= 10 && value !== NONE;
}

/** As `findIbans` of a text: goes back from each group of digits to the letters before it. */
export function findIbans({ units, digits }: Reading, finds: Finds): void {
  for (let group = 0; group < digits.groupCount; group++) {
    const digit = digits.startOf(group);
    const start = digit - (units[digit - 1] === BLANK ? 3 : 2);
    const first = units[start] as number;
    const second = units[start + 1] as number;
    if (!isLetter(first) || !isLetter(second)) continue;
    const length = LENGTH[indexOf(first, second)] as number;
    const end = length === 0 ? 0 : endOfIban(units, start, length);
    if (end > 0 && isIban(units, start, length)) finds.add('iban', start, end);
  }
}

/** End of the IBAN that may begin at `start`; 0 where there is none, by its length and its check digits. */
function endOfIban(units: Buffer, start: number, length: number): number {
  let head = 0;
  let rest = 0;
  let count = 0;
  let separators = 0;
  let at = start;
  for (; count < length; at++) {
    const unit = units[at] as number;
    const value = VALUE[unit] as number;
    if (value === NONE) {
      if (IS_SEPARATOR[unit] === 0 || ++separators > SEPARATORS_MAX) return 0;
      continue;
    }
    separators = 0;
    // The check is over the account first; country and check digits come after it.
    if (count++ < HEAD_LENGTH) head = appended(head, value);
    else rest = appended(rest, value) % MODULUS;
  }
  return (rest * HEAD_WEIGHT + head) % MODULUS === 1 ? at : 0;
}

function appended(number: number, value: number): number {
  return number * (value < 10 ? 10 : 100) + value;
}

const IBAN_LENGTH_MAX = Math.max(...LENGTHS.values());
const iban = Buffer.alloc(IBAN_LENGTH_MAX);
const UPPER_CASE = 0x5f;

/** Its check digits are right already, which are what the library takes longest for. */
function isIban(units: Buffer, start: number, length: number): boolean {
  for (let at = start, to = 0; to < length; at++) {
    const unit = units[at] as number;
    if (VALUE[unit] !== NONE) iban[to++] = isLetter(unit) ? unit & UPPER_CASE : unit;
  }
  const compact = iban.toString('latin1', 0, length);
  const checkDigits = compact.slice(2, HEAD_LENGTH);
  if (!/^\d\d$/.test(checkDigits) || checkDigits < '02' || checkDigits > '98') return false;
  return isValidBBAN(compact.slice(HEAD_LENGTH), compact.slice(0, 2));
}

import type { Finds } from '../finds.ts';
import {
  appended,
  appendedRest,
  HEAD_LENGTH,
  holdsCheck,
  LENGTHS,
  NO_VALUE,
  SEPARATORS,
  SEPARATORS_MAX,
  VALUE,
} from '../iban.ts';
import type { Reading } from './reading.ts';

const LETTERS = 26;
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
  return value >= 10 && value !== NO_VALUE;
}

/** As `findIbans` of a text: goes back from each group of digits to the letters before it. */
export function findIbans({ units, digits }: Reading, finds: Finds): void {
  for (let group = 0; group < digits.groupCount; group++) {
    let start = digits.startOf(group);
    for (let left = SEPARATORS_MAX; left > 0 && IS_SEPARATOR[units[start - 1] as number] === 1; left--)
      start--;
    start -= 2;
    const first = units[start] as number;
    const second = units[start + 1] as number;
    if (!isLetter(first) || !isLetter(second)) continue;
    const length = LENGTH[indexOf(first, second)] as number;
    const end = length === 0 ? 0 : endOfIban(units, start, length);
    if (end > 0) finds.add('iban', start, end);
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
    if (value === NO_VALUE) {
      if (IS_SEPARATOR[unit] === 0 || ++separators > SEPARATORS_MAX) return 0;
      continue;
    }
    separators = 0;
    if (++count > HEAD_LENGTH) rest = appendedRest(rest, value);
    else if (count === HEAD_LENGTH && value > 9) return 0;
    else head = appended(head, value);
  }
  return holdsCheck(head, rest) ? at : 0;
}

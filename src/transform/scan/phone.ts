import { getCountries, getCountryCallingCode, Metadata, parsePhoneNumberFromString } from 'libphonenumber-js';
import { DATE_GROUPS, isDate } from './date.ts';
import type { Digits } from './digits.ts';
import type { Finds } from './finds.ts';
import { endOfNumber, type NumberKind } from './number-kind.ts';
import { isPlanned } from './phone-plans.ts';

const CALLING_CODE_DIGITS_MAX = 3;

/**
 * Lengths that national numbers may have, as bits, by the number of digits and the value of the country calling code,
 * as libphonenumber carries them.
 */
const LENGTHS: readonly Uint32Array[] = nationalLengths();

function nationalLengths(): Uint32Array[] {
  const lengths = Array.from(
    { length: CALLING_CODE_DIGITS_MAX + 1 },
    (_, count) => new Uint32Array(10 ** count),
  );
  const metadata = new Metadata();
  for (const country of getCountries()) {
    metadata.selectNumberingPlan(country);
    const code = getCountryCallingCode(country);
    const known = lengths[code.length];
    if (known === undefined) continue;
    for (const length of metadata.numberingPlan?.possibleLengths() ?? [])
      known[Number(code)] = (known[Number(code)] as number) | (1 << length);
  }
  return lengths;
}

/** ITU E.164 lets no calling code begin with another one, so at most one fits. */
function hasPossibleLength(values: Uint32Array, from: number, length: number): boolean {
  let code = 0;
  for (let end = 1; end <= CALLING_CODE_DIGITS_MAX; end++) {
    code = code * 10 + (values[from + end - 1] as number);
    const lengths = LENGTHS[end]?.[code] ?? 0;
    if (lengths !== 0) return ((lengths >> (length - end)) & 1) === 1;
  }
  return false;
}

/** The library costs more than all other searches of a short text, so most answers are given by its lengths alone. */
function isInternational(values: Uint32Array, from: number, length: number): boolean {
  if (hasPossibleLength(values, from, length)) return true;
  const digits = values.subarray(from, from + length).join('');
  return parsePhoneNumberFromString(`+${digits}`, { extract: false })?.isPossible() ?? false;
}

/** E.164: country code and number have at most 15 digits together; the trunk zero of `+44 (0)20` comes on top. */
const INTERNATIONAL: NumberKind = { min: 7, max: 16, accepts: isInternational };

/** The prefix that stands for a plus in most of the world (ITU E.123). */
function isAbroad(values: Uint32Array, from: number): boolean {
  return values[from] === 0 && values[from + 1] === 0 && values[from + 2] !== 0;
}

/** `00` and an international number, or a number without them. */
const DIALLED: NumberKind = {
  min: 9,
  max: 17,
  accepts: (values, from, length) =>
    isPlanned(values, from, length) ||
    (isAbroad(values, from) && isInternational(values, from + 2, length - 2)),
};

const PLUS = 0x2b;
const BRACKET = 0x28;
const BLANK = 0x20;
const SIGN_LENGTH_MAX = 3;

/** Length of the plus and brackets, with blanks between them, that stand directly before a group. */
function signLength(digits: Digits, group: number): number {
  let length = 0;
  for (let distance = 1; distance <= SIGN_LENGTH_MAX; distance++) {
    const unit = digits.unitBefore(group, distance);
    if (unit === PLUS || unit === BRACKET) length = distance;
    else if (unit !== BLANK) break;
  }
  return length;
}

function hasPlus(digits: Digits, group: number): boolean {
  for (let distance = signLength(digits, group); distance > 0; distance--)
    if (digits.unitBefore(group, distance) === PLUS) return true;
  return false;
}

/**
 * Phone numbers: after a `+` or `00` those of every country by libphonenumber, others by their plans. Dates beside each
 * other would read as numbers (`05.07.2024 12:30`), so nothing is looked for across them.
 */
export function findPhones(digits: Digits, finds: Finds): void {
  for (let first = 0; first < digits.groupCount; ) {
    if (isDate(digits, first)) {
      first += DATE_GROUPS;
      continue;
    }
    let end = first + 1;
    while (end < digits.groupCount && digits.isJoined(end) && !isDate(digits, end)) end++;
    findAmong(digits, first, end, finds);
    first = end;
  }
}

/** Among the groups `[first, end)`, which are joined. */
function findAmong(digits: Digits, first: number, end: number, finds: Finds): void {
  if (hasPlus(digits, first)) add(digits, first, endOfNumber(digits, first, end, INTERNATIONAL), finds);
  for (let group = first; digits.firstOf(end) - digits.firstOf(group) >= DIALLED.min; ) {
    const next = endOfNumber(digits, group, end, DIALLED);
    add(digits, group, next, finds);
    group = next > 0 ? next : group + 1;
  }
}

/** @param end 0: there is none */
function add(digits: Digits, first: number, end: number, finds: Finds): void {
  if (end === 0) return;
  finds.add('phone', digits.startOf(first) - signLength(digits, first), digits.endOf(end - 1));
}

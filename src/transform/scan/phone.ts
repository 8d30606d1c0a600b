import { getCountries, getCountryCallingCode, Metadata, parsePhoneNumberFromString } from 'libphonenumber-js';
import { type DigitRun, leadingPartOf, partsOf } from './digit-run.ts';
import type { Span } from './span.ts';

/**
 * Numbers as they are dialled within a country, or with its code but no plus, after the numbering plans that countries
 * file with the ITU (E.129). Patterns instead of libphonenumber, which would have to be asked once per country for every
 * number in every text.
 */
const PLANS: readonly RegExp[] = [
  /^(?:34)?[6-9]\d{8}$/, // ES
  /^(?:1[2-8]|2[2-69]|3[2-4]|4[1-468]|5[0-36-9]|6[0-35-9]|7\d|8[1-9]|9[145])\d{7}$/, // PL
  /^48[1-9]\d{8}$/, // PL
  /^0[1-9]\d{7,10}$/, // UA, DE, FR, IT, GB and others with the trunk prefix 0
  /^380[1-9]\d{8}$/, // UA
  /^80?[1-9]\d{8,9}$/, // UA and neighbours with the old trunk prefix 8
  /^49[1-9]\d{9,10}$/, // DE
  /^33[1-9]\d{8}$/, // FR
  /^(?:39)?3\d{8,9}$/, // IT mobile
  /^44[127]\d{9}$/, // GB
  /^1?[2-9]\d{2}[2-9]\d{6}$/, // US, CA
];
const DIALLED = new RegExp(PLANS.map((plan) => plan.source).join('|'));
/** `00` and an international number; without the zeros at most 13. */
const DIALLED_DIGITS = [9, 17] as const;
const DIALLED_DIGITS_MAX = 13;
/** E.164: country code and number have at most 15 digits together; the trunk zero of `+44 (0)20` comes on top. */
const INTERNATIONAL_DIGITS = [7, 16] as const;
/** The prefix that stands for a plus in most of the world (ITU E.123). */
const ABROAD = /^00[1-9]/;

/** Dates beside each other would read as numbers: `05.07.2024 12:30`. */
const DATE = /(?<!\d)(?:(?:19|20)\d\d-\d\d-\d\d|\d{1,2}([./-])\d{1,2}\1(?:19|20)\d\d)(?!\d)/g;

/** Lengths that national numbers may have, by country calling code, as libphonenumber carries them. */
const LENGTHS: ReadonlyMap<string, ReadonlySet<number>> = nationalLengths();
const CALLING_CODE_DIGITS_MAX = 3;

function nationalLengths(): Map<string, Set<number>> {
  const lengths = new Map<string, Set<number>>();
  const metadata = new Metadata();
  for (const country of getCountries()) {
    metadata.selectNumberingPlan(country);
    const code = getCountryCallingCode(country);
    const known = lengths.get(code) ?? new Set();
    for (const length of metadata.numberingPlan?.possibleLengths() ?? []) known.add(length);
    lengths.set(code, known);
  }
  return lengths;
}

/** ITU E.164 lets no calling code begin with another one, so at most one fits. */
function hasPossibleLength(digits: string): boolean {
  for (let end = 1; end <= CALLING_CODE_DIGITS_MAX; end++) {
    const lengths = LENGTHS.get(digits.slice(0, end));
    if (lengths !== undefined) return lengths.has(digits.length - end);
  }
  return false;
}

/** Asking the library costs more than all else that a short text is searched for, so most answers are its lengths alone. */
function isInternational(digits: string): boolean {
  if (hasPossibleLength(digits)) return true;
  return parsePhoneNumberFromString(`+${digits}`, { extract: false })?.isPossible() ?? false;
}

function isDialled(digits: string): boolean {
  if (digits.length <= DIALLED_DIGITS_MAX && DIALLED.test(digits)) return true;
  return ABROAD.test(digits) && isInternational(digits.slice(2));
}

/** Blanks out dates, keeping every position. */
export function withoutDates(text: string): string {
  return text.replace(DATE, (date) => '\n'.repeat(date.length));
}

const PLUS = 0x2b;
const BRACKET = 0x28;
const BLANK = 0x20;

/** The plus and brackets that stand directly before a number. */
function signBefore(text: string, start: number): string {
  const unit = text.charCodeAt(start - 1);
  if (unit !== PLUS && unit !== BRACKET && unit !== BLANK) return '';
  return /[+(][ (+]{0,2}$/.exec(text.slice(Math.max(0, start - 3), start))?.[0] ?? '';
}

/**
 * Phone numbers: after a `+` or `00` those of every country by libphonenumber, others by pattern.
 * @param runs of the text without its dates
 */
export function findPhones(text: string, runs: readonly DigitRun[]): Span[] {
  return runs.flatMap((run) => {
    const international = signBefore(text, run.span.start).includes('+')
      ? leadingPartOf(run, INTERNATIONAL_DIGITS, isInternational)
      : undefined;
    const spans = [
      ...(international === undefined ? [] : [international]),
      ...partsOf(run, DIALLED_DIGITS, isDialled),
    ];
    return spans.map(({ start, end }) => ({ start: start - signBefore(text, start).length, end }));
  });
}

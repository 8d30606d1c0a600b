import { getCountries, getCountryCallingCode, Metadata, parsePhoneNumberFromString } from 'libphonenumber-js';

/** What is looked for in numbers, said by patterns and texts: slow, and plain to see. */

type Accepts = (digits: string) => boolean;

const SEPARATORS = String.raw`[\x00-\x09\x0b\x0c\x0e-\x20.\-/_()[\]\x7f]{0,3}`;
const RUN = new RegExp(String.raw`\d(?:${SEPARATORS}\d)*`, 'g');

export interface Stretch {
  readonly start: number;
  readonly end: number;
}

function runsOf(text: string): Stretch[] {
  return [...text.matchAll(RUN)].map(({ 0: run, index }) => ({ start: index, end: index + run.length }));
}

/** The longest part that begins at a group of digits, ends with one and is accepted. */
function longestPart(text: string, start: number, end: number, accepts: Accepts): Stretch | undefined {
  const ends = [...text.slice(start, end).matchAll(/\d(?!\d)/g)].map(({ index }) => start + index + 1);
  return ends
    .slice(0, 19)
    .toReversed()
    .map((partEnd) => ({ start, end: partEnd }))
    .find((part) => accepts(text.slice(part.start, part.end).replace(/\D/g, '')));
}

function partsOf(text: string, accepts: Accepts): Stretch[] {
  return runsOf(text).flatMap((run) => {
    const parts: Stretch[] = [];
    for (let at = run.start; at < run.end; at++) {
      if (!/\d/.test(text.charAt(at)) || (at > run.start && /\d/.test(text.charAt(at - 1)))) continue;
      const part = longestPart(text, at, run.end, accepts);
      if (part === undefined) continue;
      parts.push(part);
      at = part.end;
    }
    return parts;
  });
}

const DATE = /(?<!\d)(?:(?:19|20)\d\d-\d\d-\d\d|\d{1,2}([./-])\d{1,2}\1(?:19|20)\d\d)(?!\d)/g;

const SPACED = String.raw`[\x00-\x09\x0b\x0c\x0e-\x20\-_()[\]\x7f]{1,3}`;
const GAP = /(?<=\d)[ \r\n-]{1,3}(?=\d)/g;
const ABOVE = new RegExp(String.raw`(?:\d+${SPACED}){0,18}\d+$`);
const BELOW = new RegExp(String.raw`^\d+(?:${SPACED}\d+){0,18}`);
const DATE_ABOVE = new RegExp(`${DATE.source}$`);
const DATE_BELOW = new RegExp(`^${DATE.source}`);

/** Parts of three groups or more with a line end among them, of which none ends above it. */
function wrappedParts(text: string, accepts: Accepts, mayBegin: (start: number) => boolean): Stretch[] {
  return [...text.matchAll(GAP)].flatMap(({ 0: gap, index: lineEnd }) => {
    const ends = gap.replace(/[ -]/g, '');
    if (!['\n', '\r', '\r\n', '\n\r'].includes(ends)) return [];
    const above = text.slice(0, lineEnd);
    const below = text.slice(lineEnd + gap.length);
    if (DATE_ABOVE.test(above) || DATE_BELOW.test(below)) return [];
    const end = text.length - below.length + (BELOW.exec(below)?.[0].length ?? 0);
    for (let at = ABOVE.exec(above)?.index ?? lineEnd; at < lineEnd; at++) {
      if (!/(?<!\d)\d/y.test(text.slice(at)) || /\d/.test(text.charAt(at - 1)) || !mayBegin(at)) continue;
      const own = longestPart(text, at, lineEnd, accepts);
      const part = own ?? longestPart(text, at, end, accepts);
      if (part === undefined) continue;
      if (part !== own && (text.slice(part.start, part.end).match(/\d+/g) ?? []).length >= 3) return [part];
      at = part.end - 1;
    }
    return [];
  });
}

function weighted(digits: string, weights: readonly number[]): number {
  return weights.reduce((sum, weight, index) => sum + weight * Number(digits[index]), 0);
}

function hasLuhnDigit(digits: string): boolean {
  const sum = Array.from(digits)
    .toReversed()
    .flatMap((digit, index) =>
      index % 2 === 0 ? Number(digit) : Array.from(String(Number(digit) * 2), Number),
    )
    .reduce((total, digit) => total + digit, 0);
  return sum % 10 === 0;
}

function hasMod11Mod10Digit(digits: string): boolean {
  const product = Array.from(digits.slice(0, -1), Number).reduce(
    (before, digit) => (((digit + before) % 10 || 10) * 2) % 11,
    10,
  );
  return (11 - product) % 10 === Number(digits.at(-1));
}

export const isCard: Accepts = (digits) => /^[2-6]\d{12,18}$/.test(digits) && hasLuhnDigit(digits);

const isPesel: Accepts = (digits) =>
  /^\d\d(?:[02468][1-9]|[13579][0-2])(?:0[1-9]|[12]\d|3[01])\d{5}$/.test(digits) &&
  weighted(digits, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 === 0;

const isSteuerId: Accepts = (digits) =>
  /^(?=[1-9]\d{10}$)\d*(\d)\d*\1\d*\d$/.test(digits) && hasMod11Mod10Digit(digits);

const isRnokpp: Accepts = (digits) =>
  digits.length === 10 &&
  (((weighted(digits, [-1, 5, 7, 9, 4, 6, 10, 5, 7]) % 11) + 11) % 11) % 10 === Number(digits[9]);

const isNir: Accepts = (digits) =>
  /^[1-478]\d{14}$/.test(digits) && 97n - (BigInt(digits.slice(0, 13)) % 97n) === BigInt(digits.slice(13));

/** Ids that people write in groups. */
const isGroupedId: Accepts = (digits) => isSteuerId(digits) || isNir(digits);

export const isNumericId: Accepts = (digits) =>
  [isPesel, isSteuerId, isRnokpp, isNir].some((accepts) => accepts(digits));

const PLANS =
  /^(?:(?:34)?[6-9]\d{8}|(?:1[2-8]|2[2-69]|3[2-4]|4[1-468]|5[0-36-9]|6[0-35-9]|7\d|8[1-9]|9[145])\d{7}|48[1-9]\d{8}|0[1-9]\d{7,10}|380[1-9]\d{8}|80?[1-9]\d{8,9}|49[1-9]\d{9,10}|33[1-9]\d{8}|(?:39)?3\d{8,9}|44[127]\d{9}|1?[2-9]\d{2}[2-9]\d{6})$/;

/** Lengths that a number may have with each calling code. */
const LENGTHS = getCountries().map((country) => {
  const metadata = new Metadata();
  metadata.selectNumberingPlan(country);
  const code = getCountryCallingCode(country);
  return {
    code,
    lengths: (metadata.numberingPlan?.possibleLengths() ?? []).map((length) => length + code.length),
  };
});

const isInternational: Accepts = (digits) =>
  digits.length >= 7 &&
  digits.length <= 16 &&
  (LENGTHS.some(({ code, lengths }) => digits.startsWith(code) && lengths.includes(digits.length)) ||
    parsePhoneNumberFromString(`+${digits}`, { extract: false })?.isPossible() === true);

export const isDialled: Accepts = (digits) =>
  (digits.length <= 13 && PLANS.test(digits)) ||
  (/^00[1-9]\d{6,14}$/.test(digits) && isInternational(digits.slice(2)));

function signBefore(text: string, start: number): string {
  return /[+(][ (+]{0,2}$/.exec(text.slice(Math.max(0, start - 3), start))?.[0] ?? '';
}

export function cardsIn(text: string): Stretch[] {
  return [...partsOf(text, isCard), ...wrappedParts(text, isCard, () => true)];
}

export function numericIdsIn(text: string): Stretch[] {
  return [...partsOf(text, isNumericId), ...wrappedParts(text, isGroupedId, () => true)];
}

export function phonesIn(text: string): Stretch[] {
  const dateless = text.replace(DATE, (date) => '\n'.repeat(date.length));
  const international = runsOf(dateless).flatMap(({ start, end }) => {
    if (!signBefore(dateless, start).includes('+')) return [];
    return longestPart(dateless, start, end, isInternational) ?? [];
  });
  const hasPlus = (start: number): boolean => signBefore(text, start).includes('+');
  return [
    ...international,
    ...partsOf(dateless, isDialled),
    ...wrappedParts(text, isInternational, hasPlus),
  ].map(({ start, end }) => ({
    start: start - signBefore(dateless, start).length,
    end,
  }));
}

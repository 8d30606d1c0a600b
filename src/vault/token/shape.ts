import { isValidIBAN } from 'ibantools';
import * as steuerId from 'stdnum/lib/cjs/de/idnr.js';
import * as nif from 'stdnum/lib/cjs/es/nif.js';
import * as nir from 'stdnum/lib/cjs/fr/nir.js';
import * as pesel from 'stdnum/lib/cjs/pl/pesel.js';
import * as rnokpp from 'stdnum/lib/cjs/ua/rntrc.js';
import { FF1_DIGITS_MIN } from './ff1.ts';
import { CARD_MARK, PHONE_MARK, type ShapedFormat } from './token.ts';

/**
 * How a value of a format becomes a token of the same shape: which digits are encrypted, and how the token is built
 * from them.
 */
interface Shape {
  readonly digits: string;
  /** Undefined when these digits make no valid number, and others have to be tried. */
  readonly build: (encrypted: string) => string | undefined;
}

const SEPARATOR = /[\s.\-/()]/g;
const LETTERS_AND_DIGITS = /[A-Z\d]/gi;
const TEN = '0123456789';
const NIF_LETTERS = 'TRWAGMYFPDXBNJZSQVHLCKE';

/** ISO/IEC 7812-1 Annex B: the digit that makes the sum a multiple of ten. */
function luhnDigit(body: string): string {
  let sum = 0;
  for (let index = 0; index < body.length; index++) {
    const digit = Number(body.charAt(body.length - 1 - index));
    const doubled = digit * 2;
    sum += index % 2 === 1 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return String((10 - (sum % 10)) % 10);
}

/** ISO 13616-1: 98 minus the rest of the rearranged number modulo 97, two digits. */
function ibanCheck(country: string, bban: string): string {
  const text = `${bban}${country}00`.replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55));
  return String(98n - (BigInt(text) % 97n)).padStart(2, '0');
}

/** A number stays a number: where the value does not begin with zero, neither does its token. */
function wholeNumber(digits: string): Shape {
  return {
    digits,
    build: (encrypted) => (encrypted.startsWith('0') && !digits.startsWith('0') ? undefined : encrypted),
  };
}

/** The first of the possible check digits that makes the number valid. */
function completed(body: string, checks: Iterable<string>, isValid: (whole: string) => boolean) {
  for (const check of checks) if (isValid(body + check)) return body + check;
  return undefined;
}

function iban(compact: string): Shape {
  const country = compact.slice(0, 2);
  const bban = compact.slice(4);
  const isStrict = isValidIBAN(compact);
  return {
    digits: bban.replace(/\D/g, ''),
    build: (encrypted) => {
      let next = 0;
      // Letters name the bank; their places are part of the country's format.
      const own = bban.replace(/\d/g, () => encrypted.charAt(next++));
      const token = country + ibanCheck(country, own) + own;
      return isStrict && !isValidIBAN(token) ? undefined : token;
    },
  };
}

/** Sex, year and month of birth; the rest of the thirteen digits is a place and a serial number. */
const NIR = /^[12]\d\d(?:0[1-9]|1[0-2])/;

interface Format {
  /** Of the value in capitals without separators. */
  readonly pattern: RegExp;
  readonly shape: (compact: string) => Shape;
}

const isNif = (whole: string) => nif.validate(whole).isValid;

const FORMATS: Readonly<Record<Exclude<ShapedFormat, 'phone'>, Format>> = {
  digits: { pattern: /^\d{6,40}$/, shape: wholeNumber },
  card: {
    pattern: /^\d{12,19}$/,
    shape: (compact) => ({
      digits: compact.slice(1, -1),
      build: (encrypted) => CARD_MARK + encrypted + luhnDigit(CARD_MARK + encrypted),
    }),
  },
  iban: { pattern: /^[A-Z]{2}\d{2}(?=(?:[A-Z]*\d){6})[A-Z\d]{11,30}$/, shape: iban },
  'es-nif': {
    pattern: /^(?:\d{8}|[XYZ]\d{7})[A-Z]$/,
    shape: (compact) => {
      // A NIE of seven digits keeps its first letter.
      const lead = /^[XYZ]/.exec(compact)?.[0] ?? '';
      return {
        digits: compact.slice(lead.length, -1),
        build: (encrypted) => completed(lead + encrypted, NIF_LETTERS, isNif),
      };
    },
  },
  'pl-pesel': {
    pattern: /^\d{11}$/,
    shape: (compact) => ({
      digits: compact.slice(0, -1),
      build: (encrypted) => completed(encrypted, TEN, (whole) => pesel.validate(whole).isValid),
    }),
  },
  'ua-rnokpp': {
    pattern: /^\d{10}$/,
    shape: (compact) => ({
      digits: compact.slice(0, -1),
      build: (encrypted) => completed(encrypted, TEN, (whole) => rnokpp.validate(whole).isValid),
    }),
  },
  'de-steuer-id': {
    pattern: /^\d{11}$/,
    shape: (compact) => ({
      digits: compact.slice(0, -1),
      build: (encrypted) => completed(encrypted, TEN, (whole) => steuerId.validate(whole).isValid),
    }),
  },
  'fr-nir': {
    pattern: /^\d{15}$/,
    shape: (compact) => ({
      digits: compact.slice(0, -2),
      build: (encrypted) => {
        if (!NIR.test(encrypted)) return undefined;
        const key = String(97 - (Number(encrypted) % 97)).padStart(2, '0');
        return completed(encrypted, [key], (whole) => nir.validate(whole).isValid);
      },
    }),
  },
};

const PHONE_DIGITS = /^\d{7,15}$/;

function phone(value: string, compact: string): Shape | undefined {
  const isInternational = compact.startsWith('+');
  const digits = isInternational ? compact.slice(1) : compact;
  if (!PHONE_DIGITS.test(digits)) return undefined;
  if (!isInternational) return wholeNumber(digits);
  if (digits.length < PHONE_MARK.length + FF1_DIGITS_MIN || !value.trimStart().startsWith('+'))
    return undefined;
  return { digits: digits.slice(PHONE_MARK.length), build: (encrypted) => PHONE_MARK + encrypted };
}

/**
 * Makes a token of the value's own shape: digits become other digits, check digits are right again, everything else (a
 * leading `+`, separators) stays where it is.
 *
 * @param encrypt called with at least six digits, gives as many; another result each time
 * @param triesMax how often the encrypted digits may fail to make a valid number
 * @returns undefined when the value does not have the format, or no valid number was found
 */
export function shapedToken(
  format: ShapedFormat,
  value: string,
  encrypt: (digits: string) => string,
  triesMax: number,
): string | undefined {
  const compact = value.replace(SEPARATOR, '').toUpperCase();
  const shape = shapeOf(format, value, compact);
  if (shape === undefined) return undefined;
  for (let tries = 0; tries < triesMax; tries++) {
    const token = shape.build(encrypt(shape.digits));
    if (token !== undefined && token !== compact.replace('+', '')) return laidOut(value, token);
  }
  return undefined;
}

function shapeOf(format: ShapedFormat, value: string, compact: string): Shape | undefined {
  if (format === 'phone') return phone(value, compact);
  const { pattern, shape } = FORMATS[format];
  return pattern.test(compact) ? shape(compact) : undefined;
}

/** Puts the token's characters in the places of the value's, and keeps its separators. */
function laidOut(value: string, token: string): string {
  let next = 0;
  return value.replace(LETTERS_AND_DIGITS, () => token.charAt(next++));
}

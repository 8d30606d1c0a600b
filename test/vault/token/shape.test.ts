import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { isValidIBAN } from 'ibantools';
import * as steuerId from 'stdnum/lib/cjs/de/idnr.js';
import * as nif from 'stdnum/lib/cjs/es/nif.js';
import * as nir from 'stdnum/lib/cjs/fr/nir.js';
import * as pesel from 'stdnum/lib/cjs/pl/pesel.js';
import * as rnokpp from 'stdnum/lib/cjs/ua/rntrc.js';
import * as luhn from 'stdnum/lib/cjs/util/checksum.js';
import { describe, expect, it } from 'vitest';
import { encryptDigits } from '../../../src/vault/token/ff1.ts';
import { shapedToken } from '../../../src/vault/token/shape.ts';
import { looksLikeToken, type ShapedFormat } from '../../../src/vault/token/token.ts';

const key = randomBytes(32);
const tokenFor = (format: ShapedFormat, value: string) =>
  shapedToken(format, value, (digits) => encryptDigits(key, randomBytes(16), digits), 5_000);

/** What stays when digits are taken away. */
const skeleton = (text: string) => text.replace(/\d/g, '0');
const any = () => true;
const hasLuhnDigit = (text: string) => luhn.luhnChecksumValidate(text.replace(/\D/g, ''));

describe('a token that keeps the shape of its value', () => {
  it.each<[ShapedFormat, string, (token: string) => boolean]>([
    ['digits', '123456', any],
    ['digits', '0012-345 678', any],
    ['phone', '+34 612 345 678', (token) => token.startsWith('+89 ')],
    ['phone', '+1 (415) 555-1234', any],
    ['phone', '612.345.678', any],
    ['card', '4111 1111 1111 1111', hasLuhnDigit],
    ['card', '378282246310005', hasLuhnDigit],
    ['iban', 'ES91 2100 0418 4502 0005 1332', (token) => isValidIBAN(token.replace(/ /g, ''))],
    ['iban', 'DE89370400440532013000', isValidIBAN],
    ['iban', 'GB29NWBK60161331926819', isValidIBAN],
    ['iban', 'FR1420041010050500013M02606', isValidIBAN],
    ['pl-pesel', '44051401359', (token) => pesel.validate(token).isValid],
    ['ua-rnokpp', '1759013776', (token) => rnokpp.validate(token).isValid],
    ['de-steuer-id', '36574261809', (token) => steuerId.validate(token).isValid],
    ['fr-nir', '2 95 10 99 126 111 93', (token) => nir.validate(token).isValid],
  ])('%s: %s', (format, value, isValid) => {
    for (let times = 0; times < 5; times++) {
      const token = tokenFor(format, value);
      expect(token).toBeDefined();
      expect(token).not.toBe(value);
      expect(skeleton(token ?? '')).toBe(skeleton(value));
      expect(isValid(token ?? '')).toBe(true);
    }
  });

  it.each(['12345678Z', '12345678-Z', 'X1234567L'])('Spanish ids have their letter right: %s', (value) => {
    const token = tokenFor('es-nif', value) ?? '';
    expect(nif.validate(token).isValid).toBe(true);
    expect(token).toHaveLength(value.length);
    expect(token.replace(/\d/g, '').slice(0, -1)).toBe(value.replace(/\d/g, '').slice(0, -1));
  });

  it.each<[ShapedFormat, string]>([
    ['digits', '12345'],
    ['digits', 'AB-123456'],
    ['phone', 'none'],
    ['phone', '+34 612 ext. 5'],
    ['phone', '++34612345678'],
    ['card', '4111 1111'],
    ['iban', 'ES91'],
    ['es-nif', '1234567'],
    ['pl-pesel', '4405140135'],
    ['fr-nir', '2A5109912611193'],
  ])('is not made of what does not have the shape: %s %s', (format, value) => {
    expect(tokenFor(format, value)).toBeUndefined();
  });

  it('of an international phone can ring nowhere, and of a card can pay nothing: both are recognised', () => {
    const international = fc.string({
      unit: fc.constantFrom(...Array.from('0123456789')),
      minLength: 8,
      maxLength: 15,
    });
    fc.assert(
      fc.property(international, (digits) => {
        expect(looksLikeToken(tokenFor('phone', `+${digits}`) ?? '')).toBe(true);
        expect(looksLikeToken(tokenFor('card', `${digits}12345`.slice(0, 16)) ?? '', 'card')).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('does not make a number begin with zero', () => {
    for (let times = 0; times < 200; times++) expect(tokenFor('digits', '123456')).not.toMatch(/^0/);
  });
});

describe('values of people', () => {
  it.each([
    '+34 612 345 678',
    '612345678',
    'ana@example.com',
    '12345678Z',
    'private',
    'pvt',
    'PVT Ltd',
    '+380 44 123 45 67',
    '4111111111111111',
  ])('are not taken for tokens: %s', (value) => {
    expect(looksLikeToken(value)).toBe(false);
  });
});

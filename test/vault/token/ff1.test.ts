import { FF1 } from '@noble/ciphers/ff1.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encryptDigits, FF1_DIGITS_MIN } from '../../../src/vault/token/ff1.ts';

const AES_128 = '2B7E151628AED2A6ABF7158809CF4F3C';
const AES_192 = `${AES_128}EF4359D8D580AA4F`;
const AES_256 = `${AES_192}7F036D6F04FC6A94`;
const TEXT_TWEAK = '3737373770717273373737';
const DIGIT_TWEAK = '39383736353433323130';
const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';

const numbers = (text: string) => Array.from(text, (character) => ALPHABET.indexOf(character));
const text = (digits: readonly number[]) => digits.map((digit) => ALPHABET.charAt(digit)).join('');

describe('FF1', () => {
  // https://csrc.nist.gov/CSRC/media/Projects/Cryptographic-Standards-and-Guidelines/documents/examples/FF1samples.pdf
  it.each([
    [1, AES_128, '', 10, '0123456789', '2433477484'],
    [2, AES_128, DIGIT_TWEAK, 10, '0123456789', '6124200773'],
    [3, AES_128, TEXT_TWEAK, 36, '0123456789abcdefghi', 'a9tv40mll9kdu509eum'],
    [4, AES_192, '', 10, '0123456789', '2830668132'],
    [5, AES_192, DIGIT_TWEAK, 10, '0123456789', '2496655549'],
    [6, AES_192, TEXT_TWEAK, 36, '0123456789abcdefghi', 'xbj3kv35jrawxv32ysr'],
    [7, AES_256, '', 10, '0123456789', '6657667009'],
    [8, AES_256, DIGIT_TWEAK, 10, '0123456789', '1001623463'],
    [9, AES_256, TEXT_TWEAK, 36, '0123456789abcdefghi', 'xs8a0azh2avyalyzuwd'],
  ])('gives NIST sample %i', (_, key, tweak, radix, plain, cipher) => {
    const ff1 = FF1(radix, Buffer.from(key, 'hex'), Buffer.from(tweak, 'hex'));
    expect(text(ff1.encrypt(numbers(plain)))).toBe(cipher);
    expect(text(ff1.decrypt(numbers(cipher)))).toBe(plain);
    if (radix === 10) {
      expect(encryptDigits(Buffer.from(key, 'hex'), Buffer.from(tweak, 'hex'), plain)).toBe(cipher);
    }
  });

  it('is a permutation that keeps the length', () => {
    const key = Buffer.from(AES_256, 'hex');
    const digits = fc.string({
      unit: fc.constantFrom(...Array.from('0123456789')),
      minLength: FF1_DIGITS_MIN,
      maxLength: 20,
    });
    fc.assert(
      fc.property(digits, fc.uint8Array({ maxLength: 16 }), (plain, tweak) => {
        const cipher = encryptDigits(key, Buffer.from(tweak), plain);
        expect(cipher).toMatch(/^\d+$/);
        expect(text(FF1(10, key, tweak).decrypt(numbers(cipher)))).toBe(plain);
      }),
      { numRuns: 200 },
    );
  });

  it.each(['', '1', '12345', '12345a', '١٢٣٤٥٦'])(
    'takes nothing from a domain of less than a million: %j',
    (digits) => {
      expect(() => encryptDigits(Buffer.alloc(32), Buffer.alloc(0), digits)).toThrow(RangeError);
    },
  );
});

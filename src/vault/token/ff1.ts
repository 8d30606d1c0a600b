import { FF1 } from '@noble/ciphers/ff1.js';

/** NIST SP 800-38G rev. 1 §5.1: smaller domains fall to guessing, so radix^length must be a million or more. */
const DOMAIN_SIZE_MIN = 1_000_000;
const DECIMAL = 10;

/** Digits below this length may not be encrypted: 10^6 is the smallest domain. */
export const FF1_DIGITS_MIN = Math.ceil(Math.log10(DOMAIN_SIZE_MIN));

/**
 * FF1 (NIST SP 800-38G) over decimal digits: as many come out as went in.
 * @param key 32 bytes
 * @throws RangeError for fewer than six digits, or anything else
 */
export function encryptDigits(key: Buffer, tweak: Buffer, digits: string): string {
  if (digits.length < FF1_DIGITS_MIN || !/^\d+$/.test(digits)) {
    throw new RangeError(`FF1 takes ${FF1_DIGITS_MIN} decimal digits or more.`);
  }
  return FF1(DECIMAL, key, tweak).encrypt(Array.from(digits, Number)).join('');
}

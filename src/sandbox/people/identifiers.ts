import type { Country } from './country.ts';

const DNI_LETTERS = 'TRWAGMYFPDXBNJZSQVHLCKE';

/** Spanish DNI or NIE: the letter is the number modulo 23. @param digits eight digits, or X, Y, Z and seven */
export function spanishNif(digits: string): string {
  const number = Number(digits.replace('X', '0').replace('Y', '1').replace('Z', '2'));
  return digits + DNI_LETTERS.charAt(number % 23);
}

function weighted(digits: string, weights: readonly number[]): number {
  return weights.reduce((sum, weight, index) => sum + weight * Number(digits.charAt(index)), 0);
}

/** Polish PESEL: birth date with the century in the month, a serial and a check digit. @param birthdate YYYY-MM-DD */
export function pesel(birthdate: string, serial: string): string {
  const year = Number(birthdate.slice(0, 4));
  const month = Number(birthdate.slice(5, 7)) + (year >= 2000 ? 20 : 0);
  const body = `${String(year).slice(2)}${String(month).padStart(2, '0')}${birthdate.slice(8, 10)}${serial}`;
  return body + ((10 - (weighted(body, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10)) % 10);
}

/** Ukrainian РНОКПП: days since 31 December 1899, a serial and a check digit. @param birthdate YYYY-MM-DD */
export function rnokpp(birthdate: string, serial: string): string {
  const days = Math.round((Date.parse(birthdate) - Date.UTC(1899, 11, 31)) / 86_400_000);
  const body = `${String(days).padStart(5, '0')}${serial}`;
  const sum = weighted(body, [-1, 5, 7, 9, 4, 6, 10, 5, 7]);
  return body + ((((sum % 11) + 11) % 11) % 10);
}

/** ISO 13616: check digits make the number modulo 97 equal 1. */
function withIbanCheck(country: Country, bban: string): string {
  const digits = Array.from(`${bban}${country}00`, (sign) => Number.parseInt(sign, 36)).join('');
  const check = 98n - (BigInt(digits) % 97n);
  return `${country}${String(check).padStart(2, '0')}${bban}`;
}

function spanishCheckDigit(tenDigits: string): number {
  const rest = 11 - (weighted(tenDigits, [1, 2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11);
  return rest === 11 ? 0 : rest === 10 ? 1 : rest;
}

/** Bank, branch, domestic check digits and account number of each country. */
const ACCOUNTS: Readonly<Record<Country, (account: string) => string>> = {
  ES: (account) => {
    const office = '21000418';
    const number = account.slice(-10);
    return `${office}${spanishCheckDigit(`00${office}`)}${spanishCheckDigit(number)}${number}`;
  },
  PL: (account) => {
    const office = '1140200';
    const check = (10 - (weighted(office, [3, 9, 7, 1, 3, 9, 7]) % 10)) % 10;
    return `${office}${check}${account.slice(-16).padStart(16, '0')}`;
  },
  UA: (account) => `305299${account.slice(-19).padStart(19, '0')}`,
  GB: (account) => `NWBK601613${account.slice(-8)}`,
};

/** An IBAN with right check digits, the domestic ones too. @param account digits, at least 10 */
export function iban(country: Country, account: string): string {
  return withIbanCheck(country, ACCOUNTS[country](account));
}

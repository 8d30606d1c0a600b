const ZERO = 0x30;

function digitAt(digits: string, index: number): number {
  return digits.charCodeAt(index) - ZERO;
}

function weightedSum(digits: string, weights: readonly number[]): number {
  let sum = 0;
  for (let index = 0; index < weights.length; index++) sum += digitAt(digits, index) * (weights[index] ?? 0);
  return sum;
}

/** Luhn: ISO/IEC 7812-1 Annex B. */
export function hasLuhnDigit(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index++) {
    const digit = digitAt(digits, digits.length - 1 - index);
    const doubled = digit * 2;
    sum += index % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** ISO/IEC 7064 MOD 11,10, over all but the last digit. */
export function hasMod11Mod10Digit(digits: string): boolean {
  let product = 10;
  for (let index = 0; index < digits.length - 1; index++) {
    const sum = (digitAt(digits, index) + product) % 10;
    product = ((sum === 0 ? 10 : sum) * 2) % 11;
  }
  return (11 - product) % 10 === digitAt(digits, digits.length - 1);
}

const PESEL_WEIGHTS = [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1] as const;

/** PESEL: the weighted sum of all eleven digits is a multiple of ten (Dz.U. 2010 nr 217 poz. 1427). */
export function hasPeselDigit(digits: string): boolean {
  return weightedSum(digits, PESEL_WEIGHTS) % 10 === 0;
}

const RNOKPP_WEIGHTS = [-1, 5, 7, 9, 4, 6, 10, 5, 7] as const;

/** РНОКПП: the tenth digit is the weighted sum of the others modulo 11, modulo 10. */
export function hasRnokppDigit(digits: string): boolean {
  const rest = weightedSum(digits, RNOKPP_WEIGHTS) % 11;
  return ((rest + 11) % 11) % 10 === digitAt(digits, 9);
}

/** NIR: the last two of fifteen digits are 97 minus the others modulo 97 (INSEE). Thirteen digits are exact in a double. */
export function hasNirKey(digits: string): boolean {
  return 97 - (Number(digits.slice(0, 13)) % 97) === Number(digits.slice(13));
}

/** Digits are given by their values, of which `[from, from + length)` are the number's. */
type Values = Uint32Array;

/** Luhn: ISO/IEC 7812-1 Annex B. */
export function hasLuhnDigit(values: Values, from: number, length: number): boolean {
  let sum = 0;
  for (let index = 0; index < length; index++) {
    const digit = values[from + length - 1 - index] as number;
    const doubled = digit * 2;
    sum += index % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** ISO/IEC 7064 MOD 11,10, over all but the last digit. */
export function hasMod11Mod10Digit(values: Values, from: number, length: number): boolean {
  const last = from + length - 1;
  let product = 10;
  for (let at = from; at < last; at++) {
    const sum = ((values[at] as number) + product) % 10;
    product = ((sum === 0 ? 10 : sum) * 2) % 11;
  }
  return (11 - product) % 10 === values[last];
}

function weightedSum(values: Values, from: number, weights: Int8Array): number {
  let sum = 0;
  for (let index = 0; index < weights.length; index++)
    sum += (values[from + index] as number) * (weights[index] as number);
  return sum;
}

const PESEL_WEIGHTS = Int8Array.of(1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1);

/** PESEL: the weighted sum of all eleven digits is a multiple of ten (Dz.U. 2010 nr 217 poz. 1427). */
export function hasPeselDigit(values: Values, from: number): boolean {
  return weightedSum(values, from, PESEL_WEIGHTS) % 10 === 0;
}

const RNOKPP_WEIGHTS = Int8Array.of(-1, 5, 7, 9, 4, 6, 10, 5, 7);

/** РНОКПП: the tenth digit is the weighted sum of the others modulo 11, modulo 10. */
export function hasRnokppDigit(values: Values, from: number): boolean {
  const rest = weightedSum(values, from, RNOKPP_WEIGHTS) % 11;
  return ((rest + 11) % 11) % 10 === values[from + 9];
}

const NIR_DIGITS = 13;

/** NIR: the last two of fifteen digits are 97 minus the others modulo 97 (INSEE). */
export function hasNirKey(values: Values, from: number): boolean {
  let rest = 0;
  for (let at = from; at < from + NIR_DIGITS; at++) rest = (rest * 10 + (values[at] as number)) % 97;
  return 97 - rest === (values[from + NIR_DIGITS] as number) * 10 + (values[from + NIR_DIGITS + 1] as number);
}

import { getCountrySpecifications, isValidIBAN } from 'ibantools';
import { matchesOf, type Span } from './span.ts';

/** Two letters and two check digits; letters may stand directly before them (`IBANES91...`). */
const START = /[A-Z]{2} ?\d/gi;
export const SEPARATORS = ' .-/_';
export const SEPARATORS_MAX = 3;

/** Length by country, from the SWIFT IBAN registry as ibantools carries it. */
export const LENGTHS: ReadonlyMap<string, number> = new Map(
  Object.entries(getCountrySpecifications()).flatMap(([country, { chars, IBANRegistry }]) =>
    IBANRegistry && chars !== null ? [[country, chars] as const] : [],
  ),
);

function isAlphanumeric(unit: number): boolean {
  const folded = unit | 0x20;
  return (unit >= 0x30 && unit <= 0x39) || (folded >= 0x61 && folded <= 0x7a);
}

/** Reads an IBAN that begins here. Its length follows from the country, so whatever stands after it does not matter. */
function readIban(text: string, start: number, length: number): Span | undefined {
  let iban = '';
  let separators = 0;
  for (let index = start; index < text.length; index++) {
    const character = text.charAt(index);
    if (isAlphanumeric(text.charCodeAt(index))) {
      iban += character;
      separators = 0;
      if (iban.length === length) {
        return isValidIBAN(iban.toUpperCase()) ? { start, end: index + 1 } : undefined;
      }
    } else {
      separators++;
      if (!SEPARATORS.includes(character) || separators > SEPARATORS_MAX) return undefined;
    }
  }
  return undefined;
}

/** IBANs of every country in the registry, checked by ISO 7064 MOD 97-10 and their country's structure. */
export function findIbans(text: string): Span[] {
  return matchesOf(text, START).flatMap(({ 0: found, index }) => {
    const length = LENGTHS.get(found.slice(0, 2).toUpperCase());
    const span = length === undefined ? undefined : readIban(text, index, length);
    return span === undefined ? [] : [span];
  });
}

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import { scanText } from '../../../src/transform/scan/scan-text.ts';
import {
  cardsIn,
  isCard,
  isDialled,
  isNumericId,
  numericIdsIn,
  phonesIn,
  type Stretch,
} from './number-patterns.ts';

/** The text with a label in place of each stretch and of those that overlap. */
function labelled(text: string, stretches: readonly Stretch[], label: string): string {
  let shown = '';
  let end = 0;
  let found = -1;
  for (const stretch of stretches.toSorted((a, b) => a.start - b.start)) {
    if (stretch.start >= end || found < 0) shown += text.slice(end, stretch.start) + label;
    found = stretch.start;
    end = Math.max(end, stretch.end);
  }
  return shown + text.slice(end);
}

const digitsArb = (min: number, max: number) =>
  fc.string({ unit: fc.constantFrom(...Array.from('0123456789')), minLength: min, maxLength: max });
const BETWEEN = [
  '',
  ' ',
  '-',
  '.',
  '/',
  '(',
  ') (',
  ' - ',
  '   ',
  '    ',
  '+',
  ' +(',
  '\n',
  '\r\n',
  '-\n ',
  '\n\n',
  ',',
  '_',
  '\t',
  ' (',
];
const KNOWN = [
  '+34 612 345 678',
  '0034612345678',
  '+44 (0)20 7946 0958',
  '44051401359',
  '36574261809',
  '1759013776',
  '295109912611193',
  '4111 1111 1111 1111',
  '05.07.2024',
  '2024-07-15',
  '1/2/1999',
  '4111 1111\n1111 1111',
  '36 574\n261 809',
  '+34 612\n345 678',
];
const groupArb = fc.oneof(
  { weight: 4, arbitrary: digitsArb(1, 4) },
  { weight: 1, arbitrary: digitsArb(5, 19) },
  { weight: 1, arbitrary: fc.constantFrom(...KNOWN) },
);
const numbersArb = fc
  .array(fc.tuple(fc.constantFrom(...BETWEEN), groupArb), { minLength: 1, maxLength: 12 })
  .map((groups) => groups.flat().join(''));

describe('numbers in a text are found as their patterns find them', () => {
  it.each([
    ['card' as const, cardsIn],
    ['national-id' as const, numericIdsIn],
    ['phone' as const, phonesIn],
  ])('%s', (detector, find) => {
    fc.assert(
      fc.property(numbersArb, (text) => {
        expect(scanText(text, [detector], DEFAULT_LIMITS)).toBe(labelled(text, find(text), `[${detector}]`));
      }),
      { numRuns: 2_000 },
    );
  });

  it('every check digit', () => {
    fc.assert(
      fc.property(digitsArb(9, 18), (digits) => {
        for (let last = 0; last < 10; last++) {
          const number = `${digits}${last}`;
          const isFound = (detector: 'card' | 'national-id') =>
            scanText(number, [detector], DEFAULT_LIMITS) === `[${detector}]`;
          expect([number, isFound('card')]).toEqual([number, isCard(number)]);
          expect([number, isFound('national-id')]).toEqual([number, isNumericId(number)]);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([9, 10, 11, 12, 13])('every beginning of a number of %i digits', (length) => {
    const differing: string[] = [];
    for (let head = 0; head < 100_000; head += 7) {
      const digits = `${head}`.padStart(5, '0') + '2'.repeat(length - 5);
      const isFound = scanText(digits, ['phone'], DEFAULT_LIMITS) === '[phone]';
      if (isFound !== isDialled(digits)) differing.push(digits);
    }
    expect(differing).toEqual([]);
  });
});

import { hasLuhnDigit } from './check-digit.ts';
import type { Digits } from './digits.ts';
import type { Finds } from './finds.ts';
import { findNumbers, type NumberKind } from './number-kind.ts';
import { findWrappedNumbers } from './wrapped.ts';

/** ISO/IEC 7812-1: payment cards begin with 2 to 6 and have 13 to 19 digits. */
const CARD: NumberKind = {
  min: 13,
  max: 19,
  accepts: (values, from, length) => {
    const first = values[from] as number;
    return first >= 2 && first <= 6 && hasLuhnDigit(values, from, length);
  },
};

/** Payment card numbers. */
export function findCards(digits: Digits, finds: Finds): void {
  findNumbers(digits, CARD, 'card', finds);
  findWrappedNumbers(digits, CARD, 'card', finds);
}

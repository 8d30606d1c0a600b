import { hasLuhnDigit } from './check-digit.ts';
import { type DigitRun, partsOf } from './digit-run.ts';
import type { Span } from './span.ts';

/** ISO/IEC 7812-1: payment cards begin with 2 to 6 and have 13 to 19 digits. */
const CARD = /^[2-6]\d{12,18}$/;

/** Payment card numbers. */
export function findCards(runs: readonly DigitRun[]): Span[] {
  return runs.flatMap((run) => partsOf(run, [13, 19], (digits) => CARD.test(digits) && hasLuhnDigit(digits)));
}

import type { Standing } from '../../model/consent.ts';
import type { FieldView } from '../../model/decision.ts';
import type { RecordFacts } from '../../model/record-facts.ts';
import type { Treatment } from '../../model/treatment.ts';
import { leastRevealing } from '../treatment.ts';
import type { RecordCondition } from './record-condition.ts';

/** How one policy treats a field: in every record, or in those for which its condition may hold. */
export interface Treating {
  readonly treatment: Treatment;
  readonly policy: string;
  readonly when?: RecordCondition | undefined;
}

/**
 * Conditions on one field that are evaluated; any further ones count as true. Each doubles the number of combinations
 * that may be remembered.
 */
const CONDITIONS_MAX = 10;

/** What is shown of a field that several policies treat. `by` is not empty. */
export function fieldView(field: string, by: readonly Treating[]): FieldView {
  const conditional = by.filter(({ when }) => when !== undefined).slice(0, CONDITIONS_MAX);
  const strictest = settled(field, by);
  if (conditional.length === 0) return strictest;
  const always = by.filter((one) => !conditional.includes(one));
  const byAnswers = new Map<number, FieldView | undefined>();
  const view = (answers: number): FieldView | undefined => {
    if (byAnswers.has(answers)) return byAnswers.get(answers);
    const applying = [...always, ...conditional.filter((_, bit) => (answers & (1 << bit)) !== 0)];
    const seen = applying.length === 0 ? undefined : settled(field, applying);
    byAnswers.set(answers, seen);
    return seen;
  };
  const alone = conditional.map((_, bit) => view(1 << bit));
  return {
    ...strictest,
    perRecord: {
      needs: [...new Set(conditional.flatMap(({ when }) => when?.needs ?? []))],
      ...(conditional.some(({ when }) => when?.asksStanding === true) ? { asksStanding: true } : {}),
      of: (facts, standing) => view(answersOf(conditional, facts, standing)),
      possible: [...new Set([view(2 ** conditional.length - 1), ...alone, view(0)])],
    },
  };
}

function answersOf(
  conditional: readonly Treating[],
  facts: RecordFacts,
  standing: Standing | undefined,
): number {
  let answers = 0;
  for (const [bit, { when }] of conditional.entries()) {
    if (when?.mayHold(facts, standing) !== false) answers |= 1 << bit;
  }
  return answers;
}

function settled(field: string, by: readonly Treating[]): FieldView {
  const [first, ...rest] = by.map(({ treatment }) => treatment);
  return {
    field,
    treatment: leastRevealing([first ?? { kind: 'redact' }, ...rest]),
    policies: [...new Set(by.map(({ policy }) => policy))].sort(),
  };
}

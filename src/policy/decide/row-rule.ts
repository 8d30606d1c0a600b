import type { RowEquality, RowRule } from '../../model/decision.ts';
import type { RecordFacts } from '../../model/record-facts.ts';
import {
  factOf,
  membershipsOf,
  namesOf,
  needsOf,
  type RecordCondition,
  type RecordConditionInput,
  type RecordMembership,
  type RecordNames,
} from './record-condition.ts';

interface RowRuleInput extends RecordConditionInput {
  readonly policy: string;
  /** The rule applies only to records for which it may hold. */
  readonly when: RecordCondition | undefined;
}

/** A `rows` condition for one object and one class of principal. */
export function rowRule(input: RowRuleInput): RowRule {
  const { policy, when } = input;
  const rule = unguarded(input);
  if (when === undefined) return rule;
  return {
    policy,
    needs: [...new Set([...rule.needs, ...when.needs])],
    holds: (facts) => !when.mayHold(facts) || rule.holds(facts),
  };
}

function unguarded(input: RowRuleInput): RowRule {
  const { policy, condition } = input;
  const names = namesOf(input);
  const needs = needsOf(names);
  const never: RowRule = { policy, needs, holds: () => false };
  if ([...names.values()].includes(undefined)) return never;
  if (condition.memberships === undefined) {
    return { policy, needs, holds: (facts) => holds(input, names, facts) };
  }
  const memberships = membershipsOf(input, names) ?? [];
  const equals = memberships.map(equalityOf);
  if (equals.length === 0 || equals.some(({ values }) => values.length === 0)) return never;
  return {
    policy,
    needs,
    equals,
    holds: (facts) =>
      memberships.every(({ name, values }) => {
        const fact = factOf(name, facts);
        return typeof fact === 'string' && values.includes(fact);
      }),
  };
}

/** The form in which the CRM can be asked: by the texts that mean the values. */
function equalityOf({ name: { field, meaning }, values }: RecordMembership): RowEquality {
  if (meaning === undefined) return { field, values };
  return { field, values: [...new Set(values.flatMap(meaning.texts))], foldsText: true };
}

/** One unknown fact makes the whole condition false, whatever its other parts are. */
function holds(
  { condition, principal, operation }: RowRuleInput,
  names: RecordNames,
  facts: RecordFacts,
): boolean {
  const record = new Map<string, string>();
  for (const [name, read] of names) {
    const fact = factOf(read, facts);
    if (fact === undefined) return false;
    if (fact !== null) record.set(name, fact);
  }
  return condition.evaluate({ principal, operation, record }) === true;
}

import type { RecordFacts, RowRule } from '../model/decision.ts';
import {
  equalitiesOf,
  fieldsOf,
  needsOf,
  type RecordCondition,
  type RecordConditionInput,
} from './record-condition.ts';

interface RowRuleInput extends RecordConditionInput {
  readonly policy: string;
  /** Records it does not hold for are none of this rule's business. */
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
  const fields = fieldsOf(input);
  const needs = needsOf(fields);
  const never: RowRule = { policy, needs, holds: () => false };
  if ([...fields.values()].includes(undefined)) return never;
  if (condition.equalities === undefined) {
    return { policy, needs, holds: (facts) => holds(input, fields, facts) };
  }
  const equals = equalitiesOf(input, fields);
  if (equals === undefined) return never;
  return {
    policy,
    needs,
    equals,
    holds: (facts) => equals.every(({ field, value }) => facts(field) === value),
  };
}

/** One unknown fact makes the whole condition false, whatever the rest of it says. */
function holds(
  { condition, principal, operation }: RowRuleInput,
  fields: ReadonlyMap<string, string | undefined>,
  facts: RecordFacts,
): boolean {
  const record = new Map<string, string>();
  for (const [name, field] of fields) {
    const fact = field === undefined ? undefined : facts(field);
    if (fact === undefined) return false;
    if (fact !== null) record.set(name, fact);
  }
  return condition.evaluate({ principal, operation, record }) === true;
}

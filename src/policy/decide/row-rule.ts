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
  const { when } = input;
  const rule = unguarded(input);
  if (when === undefined) return rule;
  const { equals: _, needs, holds, ...said } = rule;
  return {
    ...said,
    needs: [...new Set([...needs, ...when.needs])],
    holds: (facts) => !when.mayHold(facts) || holds(facts),
  };
}

function unguarded(input: RowRuleInput): RowRule {
  const { policy, condition } = input;
  const names = namesOf(input);
  const needs = needsOf(names);
  const because = condition.because ?? `rows: ${condition.source}`;
  const { remedy } = condition;
  const said = { policy, because, ...(remedy === undefined ? {} : { remedy }) };
  const never: RowRule = { ...said, needs, holds: () => false };
  const unmapped = [...names].find(([, name]) => name === undefined);
  if (unmapped !== undefined) {
    return { ...never, because: `rows: no data map says what record.${unmapped[0]} is` };
  }
  if (condition.memberships === undefined) {
    return { ...never, holds: (facts) => holds(input, names, facts) };
  }
  const memberships = membershipsOf(input, names) ?? [];
  const equals = memberships.map(equalityOf);
  if (equals.length === 0 || equals.some(({ values }) => values.length === 0)) return never;
  return {
    ...never,
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
  { condition, principal, operations }: RowRuleInput,
  names: RecordNames,
  facts: RecordFacts,
): boolean {
  const record = new Map<string, string>();
  for (const [name, read] of names) {
    const fact = factOf(read, facts);
    if (fact === undefined) return false;
    if (fact !== null) record.set(name, fact);
  }
  return operations.every((operation) => condition.evaluate({ principal, operation, record }) === true);
}

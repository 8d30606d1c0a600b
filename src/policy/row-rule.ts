import type { RecordFacts, RowRule } from '../model/decision.ts';
import type { OperationKind } from '../model/operation.ts';
import type { Principal } from '../model/principal.ts';
import type { Comparand, Condition } from './condition.ts';
import { type CrmModel, FACTS, type MappedObject } from './data-map.ts';
import { fieldOfFact } from './policy.ts';

interface RowRuleInput {
  readonly policy: string;
  readonly condition: Condition;
  readonly model: CrmModel;
  /** Undefined for an object that no data map knows. */
  readonly object: MappedObject | undefined;
  readonly principal: Principal;
  readonly operation: { readonly kind: OperationKind; readonly objects: readonly string[] };
}

/** A `rows` condition for one object and one class of principal. */
export function rowRule(input: RowRuleInput): RowRule {
  const { policy, condition } = input;
  const fields = new Map(condition.recordNames.map((name) => [name, fieldOf(input, name)] as const));
  const needs = [...new Set([...fields.values()].filter((field) => field !== undefined))];
  const never: RowRule = { policy, needs, holds: () => false };
  if ([...fields.values()].includes(undefined)) return never;
  if (condition.equalities === undefined) {
    return { policy, needs, holds: (facts) => holds(input, fields, facts) };
  }
  const equals: { field: string; value: string }[] = [];
  for (const { name, is } of condition.equalities) {
    const field = fields.get(name);
    const value = comparedWith(is, input.principal);
    if (field === undefined || value === undefined) return never;
    equals.push({ field, value });
  }
  return {
    policy,
    needs,
    equals,
    holds: (facts) => equals.every(({ field, value }) => facts(field) === value),
  };
}

/** An object without a data map has fields all the same, but nothing says which of them is its owner. */
function fieldOf({ model, object }: RowRuleInput, name: string): string | undefined {
  const isFact = FACTS.some((fact) => fact === name);
  if (object === undefined) return isFact ? undefined : name;
  return fieldOfFact(model, object, name) ?? (isFact ? undefined : name);
}

function comparedWith(comparand: Comparand, principal: Principal): string | undefined {
  if ('word' in comparand) return comparand.word;
  const value = principal[comparand.attribute];
  return typeof value === 'string' ? value : undefined;
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

import type { Standing } from '../model/consent.ts';
import type { RecordFacts } from '../model/decision.ts';
import type { OperationKind } from '../model/operation.ts';
import type { Principal } from '../model/principal.ts';
import type { Comparand, Condition } from './condition.ts';
import { type CrmModel, FACTS, type MappedObject } from './data-map.ts';
import { fieldOfFact } from './policy.ts';

/** A condition on records, for one object and one class of principal. */
export interface RecordConditionInput {
  readonly condition: Condition;
  readonly model: CrmModel;
  /** Undefined for an object that no data map knows. */
  readonly object: MappedObject | undefined;
  readonly principal: Principal;
  readonly operation: { readonly kind: OperationKind; readonly objects: readonly string[] };
}

/** Whether a policy says anything about a record (`on.when`). */
export interface RecordCondition {
  /** Fields the condition reads. */
  readonly needs: readonly string[];
  /** It rests on where the data subject stands, too. */
  readonly asksStanding?: true;
  /** True unless the facts say that it does not: a policy applies where it cannot be told. Never throws. */
  readonly mayHold: (facts: RecordFacts, standing?: Standing) => boolean;
}

/** `on.when` for the records of one object. */
export function recordCondition(input: RecordConditionInput): RecordCondition {
  const { condition, principal, operation } = input;
  const fields = fieldsOf(input);
  const needs = needsOf(fields);
  const equals = equalitiesOf(input, fields);
  if (equals !== undefined) {
    return { needs, mayHold: (facts) => equals.every(({ field, value }) => mayEqual(facts(field), value)) };
  }
  return {
    needs,
    mayHold: (facts) => {
      const record = new Map<string, string>();
      for (const [name, field] of fields) {
        const fact = field === undefined ? undefined : facts(field);
        // `has(record.X)` would take what is not known for what is not there.
        if (fact === undefined) return true;
        if (fact !== null) record.set(name, fact);
      }
      return condition.evaluate({ principal, operation, record }) !== false;
    },
  };
}

function mayEqual(fact: string | null | undefined, value: string): boolean {
  return fact === undefined || fact === null || fact === value;
}

/** Names that a condition uses and the fields they stand for on this object; undefined where nothing says which. */
export function fieldsOf({
  condition,
  model,
  object,
}: RecordConditionInput): ReadonlyMap<string, string | undefined> {
  return new Map(condition.recordNames.map((name) => [name, fieldOf(model, object, name)]));
}

export function needsOf(fields: ReadonlyMap<string, string | undefined>): readonly string[] {
  return [...new Set([...fields.values()].filter((field) => field !== undefined))];
}

/** The whole condition as equalities of fields; undefined when it is not that, or a field or value is not known. */
export function equalitiesOf(
  { condition, principal }: RecordConditionInput,
  fields: ReadonlyMap<string, string | undefined>,
): readonly { readonly field: string; readonly value: string }[] | undefined {
  const equals: { field: string; value: string }[] = [];
  for (const { name, is } of condition.equalities ?? []) {
    const field = fields.get(name);
    const value = comparedWith(is, principal);
    if (field === undefined || value === undefined) return undefined;
    equals.push({ field, value });
  }
  return condition.equalities === undefined ? undefined : equals;
}

/** An object without a data map has fields all the same, but nothing says which of them is its owner. */
function fieldOf(model: CrmModel, object: MappedObject | undefined, name: string): string | undefined {
  const isFact = FACTS.some((fact) => fact === name);
  if (object === undefined) return isFact ? undefined : name;
  return fieldOfFact(model, object, name) ?? (isFact ? undefined : name);
}

function comparedWith(comparand: Comparand, principal: Principal): string | undefined {
  if ('word' in comparand) return comparand.word;
  const value = principal[comparand.attribute];
  return typeof value === 'string' ? value : undefined;
}

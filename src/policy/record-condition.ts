import type { Standing } from '../model/consent.ts';
import type { OperationKind } from '../model/operation.ts';
import type { RecordFacts } from '../model/record-facts.ts';
import type { Caller } from './caller.ts';
import type { Comparand, Condition } from './condition.ts';
import { type CrmModel, FACTS, type MappedObject } from './data-map.ts';
import type { Meaning, Meanings } from './meaning.ts';
import { fieldOfFact } from './policy.ts';

/** A condition on records, for one object and one class of principal. */
export interface RecordConditionInput {
  readonly condition: Condition;
  readonly model: CrmModel;
  /** Undefined for an object that no data map knows. */
  readonly object: MappedObject | undefined;
  readonly principal: Caller;
  readonly meanings: Meanings;
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

/** Where `record.X` is read on one object, and what the text there means. */
interface RecordName {
  readonly field: string;
  readonly meaning: Meaning | undefined;
}

/** Names that a condition uses; undefined where nothing says which field is meant. */
export type RecordNames = ReadonlyMap<string, RecordName | undefined>;

/** One of these values must be the record's. */
export interface RecordMembership {
  readonly name: RecordName;
  readonly values: readonly string[];
  /** False where something that it compares with is not known of the caller. */
  readonly isWhole: boolean;
}

/** `on.when` for the records of one object. */
export function recordCondition(input: RecordConditionInput): RecordCondition {
  const { condition, principal, operation } = input;
  const names = namesOf(input);
  const needs = needsOf(names);
  const memberships = membershipsOf(input, names);
  if (memberships?.every(({ isWhole }) => isWhole) === true) {
    return { needs, mayHold: (facts) => memberships.every((membership) => mayHold(membership, facts)) };
  }
  return {
    needs,
    mayHold: (facts) => {
      const record = new Map<string, string>();
      for (const [name, read] of names) {
        const fact = factOf(read, facts);
        // `has(record.X)` would take what is not known for what is not there.
        if (fact === undefined) return true;
        if (fact !== null) record.set(name, fact);
      }
      return condition.evaluate({ principal, operation, record }) !== false;
    },
  };
}

function mayHold({ name, values }: RecordMembership, facts: RecordFacts): boolean {
  const fact = factOf(name, facts);
  return fact === undefined || fact === null || values.includes(fact);
}

/** What a name stands for in a record; undefined: not known, as is a text that means nothing. */
export function factOf(name: RecordName | undefined, facts: RecordFacts): string | null | undefined {
  const text = name && facts(name.field);
  return typeof text === 'string' && name?.meaning !== undefined ? name.meaning.of(text) : text;
}

export function namesOf({ condition, model, object, meanings }: RecordConditionInput): RecordNames {
  return new Map(
    condition.recordNames.map((name) => {
      const field = fieldOf(model, object, name);
      return [name, field === undefined ? undefined : { field, meaning: meanings.get(name) }];
    }),
  );
}

/** Fields that are read. */
export function needsOf(names: RecordNames): readonly string[] {
  return [...new Set([...names.values()].flatMap((name) => name?.field ?? []))];
}

/** The whole condition as memberships; undefined when it is not that, or a field is not known. */
export function membershipsOf(
  { condition, principal }: RecordConditionInput,
  names: RecordNames,
): readonly RecordMembership[] | undefined {
  const found = condition.memberships?.map(({ name, among }): RecordMembership | undefined => {
    const read = names.get(name);
    const values = among.map((comparand) => comparedWith(comparand, principal));
    const known = values.filter((value) => value !== undefined);
    return (
      read && { name: read, values: [...new Set(known.flat())], isWhole: known.length === values.length }
    );
  });
  const all = found?.filter((membership) => membership !== undefined);
  return all?.length === found?.length ? all : undefined;
}

/** An object without a data map has fields all the same, but nothing says which of them is its owner. */
function fieldOf(model: CrmModel, object: MappedObject | undefined, name: string): string | undefined {
  const isFact = FACTS.some((fact) => fact === name);
  if (object === undefined) return isFact ? undefined : name;
  return fieldOfFact(model, object, name) ?? (isFact ? undefined : name);
}

function comparedWith(comparand: Comparand, caller: Caller): string | readonly string[] | undefined {
  return 'word' in comparand ? comparand.word : caller[comparand.attribute];
}

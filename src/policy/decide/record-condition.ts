import type { Standing } from '../../model/consent.ts';
import type { RecordFacts } from '../../model/record-facts.ts';
import type { Caller } from '../caller.ts';
import type { Comparand, Condition, ConditionOperation } from '../condition.ts';
import { type CrmModel, fieldOfFact, isFact, type MappedObject } from '../data-map.ts';
import type { Meaning, Meanings } from '../meaning.ts';

/** A condition on records, for one object and one class of principal. */
export interface RecordConditionInput {
  readonly condition: Condition;
  readonly model: CrmModel;
  /** Undefined for an object that no data map knows. */
  readonly object: MappedObject | undefined;
  readonly principal: Caller;
  readonly meanings: Meanings;
  /** What the operation counts as: what is said of any of them holds. */
  readonly operations: readonly ConditionOperation[];
}

/** Whether a policy applies to a record (`on.when`). */
export interface RecordCondition {
  /** Fields the condition reads. */
  readonly needs: readonly string[];
  /** It also depends on the data subject's consent or restriction. */
  readonly asksStanding?: true;
  /** False only when the facts say that it does not hold: in doubt a policy applies. Never throws. */
  readonly mayHold: (facts: RecordFacts, standing?: Standing) => boolean;
}

/** The field that `record.X` is read from on one object, and what its text means. */
interface RecordName {
  readonly field: string;
  readonly meaning: Meaning | undefined;
}

/** The names that a condition uses; undefined where nothing says which field is meant. */
export type RecordNames = ReadonlyMap<string, RecordName | undefined>;

/** One of these values must be the record's. */
export interface RecordMembership {
  readonly name: RecordName;
  readonly values: readonly string[];
  /** False when an attribute of the caller that it is compared with is not known. */
  readonly isWhole: boolean;
}

/** `on.when` for the records of one object. */
export function recordCondition(input: RecordConditionInput): RecordCondition {
  const { condition, principal, operations } = input;
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
        // Left out of the map, an unknown fact would look absent to `has(record.X)`.
        if (fact === undefined) return true;
        if (fact !== null) record.set(name, fact);
      }
      return operations.some((operation) => condition.evaluate({ principal, operation, record }) !== false);
    },
  };
}

function mayHold({ name, values }: RecordMembership, facts: RecordFacts): boolean {
  const fact = factOf(name, facts);
  return fact === undefined || fact === null || values.includes(fact);
}

/** The value of a name in a record; undefined: unknown, as is a text without a meaning. */
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

/** The whole condition as memberships; undefined when it has another form, or when a field is not known. */
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

/** Without a data map a field can still be named, but nothing says which one is a fact such as the owner. */
function fieldOf(model: CrmModel, object: MappedObject | undefined, name: string): string | undefined {
  const known = object && fieldOfFact(model, object, name);
  return known ?? (isFact(name) ? undefined : name);
}

function comparedWith(comparand: Comparand, caller: Caller): string | readonly string[] | undefined {
  return 'word' in comparand ? comparand.word : caller[comparand.attribute];
}

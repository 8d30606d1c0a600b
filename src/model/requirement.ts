import type { Standing } from './consent.ts';
import type { RecordFacts } from './record-facts.ts';

/** The fields of an object that identify the person a record is about. */
export interface PersonFields {
  readonly id: string;
  readonly email?: string;
  readonly phone?: string;
  readonly also?: readonly FurtherField[];
}

/** A field with something else by which the same person is known; several stand between semicolons. */
export interface FurtherField {
  readonly field: string;
  readonly as: 'email' | 'phone' | RecordElsewhere;
}

/** The field holds the id of a record about the person: in the own CRM of the same upstream, in another of any. */
export interface RecordElsewhere {
  readonly crm: string;
  readonly object: string;
}

/** The names of all these fields. */
export function namesOf(person: PersonFields | undefined): readonly string[] {
  if (person === undefined) return [];
  const { id, email, phone, also = [] } = person;
  return [id, email, phone, ...also.map(({ field }) => field)].filter((field) => field !== undefined);
}

/** A field of the CRM's own that says whether the data subject has agreed to a purpose. */
export interface ConsentFlag {
  readonly field: string;
  /** Text of the value that means yes. Null and empty say nothing; any other value is a no. */
  readonly granted: string;
  /** The value is a boolean in the data map. */
  readonly isBoolean: boolean;
}

/**
 * Why a requirement is not met. `refused`: the record's own field says no. `untold`: it is not known who the record is
 * about, or what its own field says.
 */
export type ConsentGap = 'withdrawn' | 'objected' | 'unknown' | 'refused' | 'untold';

/** What a data subject must have agreed to before a record is shown or something is sent (`require`). */
export interface Requirement {
  readonly policy: string;
  readonly purpose: string;
  readonly otherwise: 'omit-record' | 'deny' | 'treat';
  /** A person who has said nothing counts as having agreed. */
  readonly allowsUnknown: boolean;
  /** Fields that tell whether it is met. */
  readonly needs: readonly string[];
  /** Those of them that `unmet` reads; the others identify the person. */
  readonly reads: readonly string[];
  /** The CRM's own field on this object. */
  readonly flag?: ConsentFlag;
  /**
   * Undefined: it is met, or does not apply to the record. Never throws.
   * @param standing undefined: it is not known who the record is about
   */
  readonly unmet: (facts: RecordFacts, standing: Standing | undefined) => ConsentGap | undefined;
}

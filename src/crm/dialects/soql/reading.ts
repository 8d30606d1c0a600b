import type { FieldUse } from '../../../model/operation.ts';
import type { SoqlEquality } from './equality.ts';

/** What SOQL needs to know of a Salesforce org's objects. All names are taken and given in any case. */
export interface SoqlSchema {
  /** Canonical object name; an unknown one as it is. */
  readonly object: (name: string) => string;
  /** Objects a parent relationship (`Account`, `Owner`) of an object may lead to; `['*']` when that cannot be known. */
  readonly parent: (object: string, relationship: string) => readonly string[];
  /** Objects a child relationship (`Contacts`) of an object holds; `['*']` when that cannot be known. */
  readonly child: (object: string, relationship: string) => readonly string[];
  /** Relationship name as answers spell it; an unknown one as it is. */
  readonly relationship: (name: string) => string;
}

/** One field selected as it is, so that the answer holds its value under its own name. */
export interface SelectedField {
  /** Relationship names from the record to the field, canonical spelling. */
  readonly path: readonly string[];
  readonly field: string;
  readonly objects: readonly string[];
}

/** A parent record that stands inside the record. */
export interface ParentNode {
  readonly path: readonly string[];
  readonly objects: readonly string[];
}

/** What one SELECT (the main query, or a child subquery) brings into the answer. */
export interface SelectNode {
  /** Objects its records may be of; one, or `['*']`. */
  readonly objects: readonly string[];
  /** Relationship name in the record around it, for a child subquery. */
  readonly relationship?: string;
  readonly selected: readonly SelectedField[];
  /** `FIELDS(...)` it selects, upper case. */
  readonly fieldSets: readonly string[];
  readonly parents: readonly ParentNode[];
  readonly children: readonly SelectNode[];
  /** True when its records are computed (`AggregateResult`). */
  readonly aggregates: boolean;
}

/** Everything a query says about fields. */
export interface SoqlReading {
  /** Canonical name of the main object. */
  readonly object: string;
  /** Canonical names of every object the query touches. */
  readonly objects: readonly string[];
  /** Every field named, in every position; equalities with values apart from other uses. */
  readonly uses: readonly FieldUse[];
  /** Every condition of a WHERE that compares a field with values. */
  readonly equalities: readonly SoqlEquality[];
  readonly aggregates: boolean;
  /** Objects that a relationship path leads to anywhere in the query: their rows count without being listed. */
  readonly reached: readonly string[];
  readonly root: SelectNode;
}

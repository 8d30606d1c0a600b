import type { FieldUse } from '../../../model/operation.ts';
import type { SoqlEquality } from './equality.ts';

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

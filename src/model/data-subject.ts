/**
 * How one person is known: personal values as they stand in records, never to be logged, and stored as keyed HMACs
 * only. People who share one of them are taken for the same person.
 */
export interface DataSubjectKeys {
  /** Name of a record about the person, as `recordName` gives it. */
  readonly record?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly also?: readonly FurtherKey[];
}

/** What else one person is known by: another record about them, a second address, a second number. */
export type FurtherKey =
  | { readonly record: string }
  | { readonly email: string }
  | { readonly phone: string };

/**
 * The name of a record about a person, the same wherever the record appears.
 * @param object canonical object name; undefined where the CRM's ids are unique over all objects (Salesforce)
 * @param id in the one spelling that the adapter gives it
 */
export function recordName(upstream: string, object: string | undefined, id: string): string {
  return `${upstream}:${object ?? ''}:${id}`;
}

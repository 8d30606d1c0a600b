import type { ConsentEvent } from '../../model/consent.ts';
import type { Identifier } from './identifier.ts';

/** The last word on one matter. */
export interface Said {
  readonly state: ConsentEvent['state'];
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly source: string;
  /** Milliseconds since the epoch, when it ends by itself. */
  readonly until?: number;
}

/**
 * The last words of a person, by matter: consent to a purpose, objection to one, the end of such an objection,
 * restriction, and what the CRM's field on one record last said. Joining two of them takes the later word on each
 * matter, so that neither order nor repetition of events makes a difference (a join-semilattice). Every matter has a
 * blank in its name, so none is a name of Object.prototype.
 */
export type LastWords = Readonly<Record<string, Said>>;

export const RESTRICTION = 'restriction ';
/** @param purpose '' for all */
export const consentTo = (purpose: string): string => `consent ${purpose}`;
export const objectionTo = (purpose: string): string => `objection ${purpose}`;
export const endOfObjectionTo = (purpose: string): string => `end ${purpose}`;
export const crmField = (record: Identifier, purpose: string): string => `crm ${record} ${purpose}`;

/** Source of what the CRM's own fields say. */
export const CRM_SOURCE = 'crm';

/** What can be said of each matter, by how much it permits. */
const STRICTNESS: Readonly<Record<ConsentEvent['state'], number>> = {
  granted: 0,
  'objection-ended': 0,
  'restriction-ended': 0,
  withdrawn: 1,
  objected: 2,
  restricted: 2,
};

/** It takes something away. */
export function isNegative({ state }: Pick<Said, 'state'>): boolean {
  return STRICTNESS[state] > 0;
}

/** The matters that an event is about. @param record the record whose CRM field it tells about, if any */
export function mattersOf(
  { state, purpose = '', source }: Omit<ConsentEvent, 'who'>,
  record: Identifier | undefined,
): readonly string[] {
  if (state === 'restricted' || state === 'restriction-ended') return [RESTRICTION];
  if (state === 'objection-ended') return [endOfObjectionTo(purpose)];
  const matter = state === 'objected' ? objectionTo(purpose) : consentTo(purpose);
  return source === CRM_SOURCE && record !== undefined ? [matter, crmField(record, purpose)] : [matter];
}

/** Of two words on one matter the later one holds; of two at the same time, the one that permits less. */
export function prevailing(one: Said, other: Said): Said {
  if (one.at !== other.at) return one.at > other.at ? one : other;
  if (one.state !== other.state) return STRICTNESS[one.state] >= STRICTNESS[other.state] ? one : other;
  const [first, second] = [one.until ?? Number.POSITIVE_INFINITY, other.until ?? Number.POSITIVE_INFINITY];
  if (first !== second) return first > second === isNegative(one) ? one : other;
  // Only their sources differ: any rule will do that does not depend on the order.
  return one.source <= other.source ? one : other;
}

export function joined(all: readonly LastWords[]): LastWords {
  const [only] = all;
  if (only !== undefined && all.length === 1) return only;
  const words: Record<string, Said> = {};
  for (const each of all) for (const matter in each) add(words, matter, each[matter]);
  return words;
}

export function add(words: Record<string, Said>, matter: string, said: Said | undefined): void {
  const before = words[matter];
  if (said !== undefined) words[matter] = before === undefined ? said : prevailing(before, said);
}

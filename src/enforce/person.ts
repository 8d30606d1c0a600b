import type { CrmAdapter } from '../crm/adapter.ts';
import { nameRecord } from '../crm/record-name.ts';
import type { DataSubjectKeys } from '../model/data-subject.ts';
import type { ObjectView } from '../model/decision.ts';
import type { RecordFacts } from '../model/record-facts.ts';

/** How records of one upstream are named in the registry. */
export interface Naming {
  readonly name: (object: string, id: string) => string;
  /** Whether a field holds the record's own id. */
  readonly isOwnId: (field: string) => boolean;
  /** The object that an id belongs to; undefined when the id does not tell. */
  readonly objectOf: (id: string) => string | undefined;
}

const OWN_ID: ReadonlySet<string> = new Set(['id']);

export function createNaming(
  adapter: Pick<CrmAdapter, 'globalId' | 'object' | 'ownIds' | 'objectOfId'>,
  upstream: string,
): Naming {
  const { ownIds = OWN_ID } = adapter;
  return {
    name: (object, id) => nameRecord(adapter, upstream, object, id),
    isOwnId: (field) => ownIds.has(field.toLowerCase()),
    objectOf: (id) => adapter.objectOfId?.(id),
  };
}

/**
 * The keys of the person a record is about. Undefined when an id, address or number exists but is not known: it may be
 * the one under which something is on record.
 * @param recordId gives the record's id when it is not a field
 */
export function keysOf(
  { object, person }: ObjectView,
  facts: RecordFacts,
  recordId: () => string | undefined,
  { name, isOwnId }: Naming,
): DataSubjectKeys | undefined {
  if (person === undefined) return undefined;
  const written = facts(person.id);
  const id = written === undefined && isOwnId(person.id) ? recordId() : written;
  const email = person.email === undefined ? null : facts(person.email);
  const phone = person.phone === undefined ? null : facts(person.phone);
  if (email === undefined || phone === undefined || id === undefined) return undefined;
  const keys: { -readonly [Key in keyof DataSubjectKeys]: DataSubjectKeys[Key] } = {};
  if (id !== null && id !== '') keys.record = name(object, id);
  if (email !== null && email !== '') keys.email = email;
  if (phone !== null && phone !== '') keys.phone = phone;
  return keys;
}

import type { CrmAdapter } from '../../crm/adapter.ts';
import { nameRecord } from '../../crm/record-name.ts';
import type { DataSubjectKeys, FurtherKey } from '../../model/data-subject.ts';
import type { ObjectView, View } from '../../model/decision.ts';
import type { RecordFacts } from '../../model/record-facts.ts';
import type { FurtherField, RecordElsewhere } from '../../model/requirement.ts';

/** How records of one upstream are named in the registry. */
export interface Naming {
  readonly name: (object: string, id: string) => string;
  /** Whether a field holds the record's own id. */
  readonly isOwnId: (field: string) => boolean;
  /** The object that an id belongs to; undefined when the id does not tell. */
  readonly objectOf: (id: string) => string | undefined;
  /** The CRM's own users have records of this object. */
  readonly userObject: string | undefined;
  /**
   * The names that a record may have: in the own CRM the one in this upstream, in another one for each upstream of it.
   */
  readonly elsewhere: (as: RecordElsewhere, id: string) => readonly string[];
}

/** By the names of upstreams: records of one may name those of another. */
export type KnownAdapters = ReadonlyMap<string, Pick<CrmAdapter, 'name' | 'globalId' | 'object'>>;

const OWN_ID: ReadonlySet<string> = new Set(['id']);

export function createNaming(
  adapter: Pick<CrmAdapter, 'name' | 'globalId' | 'object' | 'ownIds' | 'objectOfId' | 'userObject'>,
  upstream: string,
  adapters: KnownAdapters = new Map(),
  view: Pick<View, 'objectOfId'> = {},
): Naming {
  const { ownIds = OWN_ID } = adapter;
  return {
    name: (object, id) => nameRecord(adapter, upstream, object, id),
    isOwnId: (field) => ownIds.has(field.toLowerCase()),
    objectOf: (id) => adapter.objectOfId?.(id) ?? view.objectOfId?.(adapter.globalId?.(id) ?? id),
    userObject: adapter.userObject,
    elsewhere: ({ crm, object }, id) => {
      if (crm === adapter.name) return [nameRecord(adapter, upstream, adapter.object(object) ?? object, id)];
      return Array.from(adapters).flatMap(([name, other]) =>
        other.name === crm ? [nameRecord(other, name, other.object(object) ?? object, id)] : [],
      );
    },
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
  naming: Naming,
): DataSubjectKeys | undefined {
  if (person === undefined) return undefined;
  const written = facts(person.id);
  const id = written === undefined && naming.isOwnId(person.id) ? recordId() : written;
  const email = person.email === undefined ? null : facts(person.email);
  const phone = person.phone === undefined ? null : facts(person.phone);
  if (email === undefined || phone === undefined || id === undefined) return undefined;
  const keys: { -readonly [Key in keyof DataSubjectKeys]: DataSubjectKeys[Key] } = {};
  if (id !== null && id !== '') keys.record = naming.name(object, id);
  if (email !== null && email !== '') keys.email = email;
  if (phone !== null && phone !== '') keys.phone = phone;
  if (person.also === undefined) return keys;
  const also: FurtherKey[] = [];
  for (const further of person.also) {
    const text = facts(further.field);
    if (text === undefined) return undefined;
    if (text !== null && text !== '') also.push(...furtherKeys(further, text, naming));
  }
  if (also.length > 0) keys.also = also;
  return keys;
}

/** What a person is known by that a further field of theirs holds. */
export function furtherKeys(
  { as }: Pick<FurtherField, 'as'>,
  text: string,
  { elsewhere }: Pick<Naming, 'elsewhere'>,
): readonly FurtherKey[] {
  const parts = text.split(';').filter((part) => part.trim() !== '');
  if (typeof as === 'object')
    return parts.flatMap((id) => elsewhere(as, id.trim())).map((record) => ({ record }));
  return parts.map((part) => (as === 'email' ? { email: part } : { phone: part }));
}

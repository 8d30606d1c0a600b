import type { NamedRecord } from '../../model/operation.ts';
import { relationIn } from '../../policy/data-map.ts';
import type { Naming } from '../people/person.ts';
import { tellingFields, toldBy } from '../people/told-by.ts';
import type { OwnRecord, ToldPerson } from '../people/told-person.ts';
import { findRecords, type RecordTools } from './found-records.ts';

export interface RelatedTools extends RecordTools {
  readonly naming: Naming;
}

/** A record whose associations tell who else it is about. */
export interface OpenRecord {
  readonly who: ToldPerson;
  readonly record: OwnRecord;
}

/** How many more people may be told. */
export interface Room {
  left: number;
}

/** Id → who the record is about by what it leads to; absent where the CRM does not tell all. */
type Related = ReadonlyMap<string, readonly ToldPerson[]>;

const NOTHING_TOLD: Related = new Map();

/**
 * Reads what records of one object are associated with, all at once, and notes who they are about by that. Where the
 * CRM does not tell all, or there is no room for all, the record stays untold.
 */
export async function tellRelated(
  object: string,
  records: readonly OpenRecord[],
  room: Room,
  tools: RelatedTools,
): Promise<void> {
  const related = await findRelated(object, [...new Set(records.map(({ record }) => record.id))], tools);
  for (const { who, record } of records) {
    const others = related.get(record.id);
    if (others === undefined || others.length > room.left) continue;
    room.left -= others.length;
    delete who.through;
    // Each is completed in place, for this record alone.
    who.others = [...(who.others ?? []), ...others.map((one) => ({ ...one }))];
  }
}

/** Through everything that the data map names. */
async function findRelated(object: string, ids: readonly string[], tools: RelatedTools): Promise<Related> {
  const { through = [] } = tools.view.of(object);
  const find = tools.adapter.through === 'fields' ? findNaming : readRelated;
  const each = await Promise.all(through.map((to) => find(object, to, ids, tools)));
  return new Map(
    ids.flatMap((id): [string, readonly ToldPerson[]][] => {
      const found = each.map((related) => related.get(id));
      return found.includes(undefined) ? [] : [[id, distinct(found.flatMap((some) => some ?? []))]];
    }),
  );
}

/** Records that lead to the same one are about one person. */
function distinct(people: readonly ToldPerson[]): readonly ToldPerson[] {
  return [...new Map(people.map((who) => [JSON.stringify(who), who])).values()];
}

async function readRelated(
  object: string,
  to: string,
  ids: readonly string[],
  tools: RelatedTools,
): Promise<Related> {
  const { adapter, operation, read } = tools;
  const found = new Map<string, readonly ToldPerson[]>();
  for (let rest = ids; rest.length > 0; ) {
    const asked = adapter.findRelated?.(operation, object, to, rest);
    if (asked === undefined) return found;
    for (const [id, records] of asked.related(await read(asked.request)))
      found.set(
        id,
        records.map((one) => namedBy(one, tools)),
      );
    rest = rest.slice(asked.covers);
  }
  return found;
}

/** Who a record is about of which no more is known than its id. */
function namedBy({ object, id }: NamedRecord, { view }: RecordTools): ToldPerson {
  const record = { object, id };
  const { person, through } = view.of(object);
  if (person === undefined && through !== undefined) return { through: record };
  return { own: record };
}

/** By the records of another object that name these in one of its fields. */
async function findNaming(
  object: string,
  relation: string,
  ids: readonly string[],
  tools: RelatedTools,
): Promise<Related> {
  const { adapter, view, naming } = tools;
  const by = relationIn(relation);
  if (object === '*' || by === undefined) return NOTHING_TOLD;
  const { field } = by;
  const fold = (name: string): string => (adapter.namesIgnoreCase ? name.toLowerCase() : name);
  // The field leads back.
  const { relatedBy = [], ...rest } = view.of(by.object);
  const seen = { ...rest, relatedBy: relatedBy.filter((one) => fold(one) !== fold(field)) };
  const spelled = (id: string): string => adapter.globalId?.(id) ?? id;
  const sought = {
    object: by.object,
    field,
    values: [...new Set(ids.map(spelled))],
    isShared: true,
  } as const;
  const read = await findRecords(sought, tellingFields(seen), tools);
  if (read === undefined) return NOTHING_TOLD;
  const found = Map.groupBy(read, ({ asked }) => asked);
  if (found.has(undefined)) return NOTHING_TOLD;
  const mayBeNone = adapter.alwaysLead?.has(relation.toLowerCase()) !== true;
  return new Map(
    ids.flatMap((id): [string, readonly ToldPerson[]][] => {
      const records = found.get(spelled(id)) ?? [];
      const told = records.map((one) => toldBy(seen, one.facts, one.id, naming));
      const isWhole = (records.length > 0 || mayBeNone) && !told.includes(undefined);
      return isWhole ? [[id, told.flatMap((who) => (who === undefined ? [] : peopleIn(who)))]] : [];
    }),
  );
}

/** Everybody, one by one. Whoever is known by nothing is nobody. */
function peopleIn({ others = [], ...who }: ToldPerson): readonly ToldPerson[] {
  return [...(Object.keys(who).length === 0 ? [] : [who]), ...others.flatMap(peopleIn)];
}

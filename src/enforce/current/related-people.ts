import type { NamedRecord } from '../../model/operation.ts';
import type { Naming } from '../people/person.ts';
import type { OwnRecord, ToldPerson } from '../people/told-person.ts';
import type { RecordTools } from './found-records.ts';

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

/**
 * Reads what records of one object are associated with, all at once, and notes whom they are about by that. Where the
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
    who.others = [...(who.others ?? []), ...others.map((one) => namedBy(one, tools))];
  }
}

/** Whom a record is about of which no more is known than its id. */
function namedBy({ object, id }: NamedRecord, { view, naming }: RelatedTools): ToldPerson {
  const record = { object, id };
  const { person, through } = view.of(object);
  if (person === undefined && through !== undefined) return { through: record };
  return { record: naming.name(object, id), own: record };
}

/** Id → the records that it leads to, through every object that the data map names. */
async function findRelated(
  object: string,
  ids: readonly string[],
  tools: RelatedTools,
): Promise<ReadonlyMap<string, readonly NamedRecord[]>> {
  const { through = [] } = tools.view.of(object);
  const each = await Promise.all(through.map((to) => readRelated(object, to, ids, tools)));
  return new Map(
    ids.flatMap((id): [string, readonly NamedRecord[]][] => {
      const found = each.map((related) => related.get(id));
      return found.includes(undefined) ? [] : [[id, found.flatMap((some) => some ?? [])]];
    }),
  );
}

async function readRelated(
  object: string,
  to: string,
  ids: readonly string[],
  { adapter, operation, read }: RelatedTools,
): Promise<ReadonlyMap<string, readonly NamedRecord[]>> {
  const found = new Map<string, readonly NamedRecord[]>();
  for (let rest = ids; rest.length > 0; ) {
    const asked = adapter.findRelated?.(operation, object, to, rest);
    if (asked === undefined) return found;
    for (const [id, records] of asked.related(await read(asked.request))) found.set(id, records);
    rest = rest.slice(asked.covers);
  }
  return found;
}

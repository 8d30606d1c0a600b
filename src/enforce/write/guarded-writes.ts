import type { RecordCursor } from '../../media/record.ts';
import type { Guard, View } from '../../model/decision.ts';
import type { Operation } from '../../model/operation.ts';
import type { RecordFacts } from '../../model/record-facts.ts';
import { lookupsOf } from '../current/changed-records.ts';
import { type Found, findRecords, type Sought } from '../current/found-records.ts';
import { type WalkTools, walkBody, writtenObject } from '../record/walk-body.ts';
import { Refusal } from '../refusal.ts';
import {
  eitherOf,
  type FieldNames,
  fieldsGuarding,
  type GuardsOf,
  guardsIn,
  requireHiding,
  type WrittenTexts,
} from './guards.ts';
import type { RowTools } from './written-rows.ts';

/** A record as a request may mean it: by its id, or by a field. */
interface Place extends Omit<Sought, 'values'> {
  readonly value: string;
}

/** What a request writes into records that are there. */
interface GuardedWrite {
  readonly object: string;
  /** Which records it may be; none: the request does not tell. */
  readonly places: readonly Place[];
  readonly written: WrittenTexts;
}

/** A record that nothing is known of. */
const UNKNOWN: RecordFacts = () => undefined;

/**
 * Keeps writes from lifting what hides something of a record from its writer: a country by which addresses are hidden,
 * the type of a file. Making records is free, and so is what hides nothing yet. Where the CRM does not tell what stands
 * in a record, everything is hidden of it.
 * @param operation changes records
 * @param views in which the writer may see the records from now on
 * @throws Refusal naming the field; PrivetError VAULT_UNAVAILABLE
 */
export async function keepGuarded(
  operation: Operation,
  views: readonly View[],
  tools: RowTools,
  walk: WalkTools,
): Promise<void> {
  const guardsOf = guardsIn(views);
  if (!operation.objects.some((object) => guardsOf(object).length > 0)) return;
  if (operation.kind === 'merge') return requireAlike(operation, guardsOf, tools);
  const names = namesIn(tools);
  const writes = writesIn(operation, guardsOf, names, walk);
  if (writes.length === 0) return;
  const found = await findPlaces(writes, guardsOf, names, tools);
  for (const { object, places, written } of writes) {
    const records = places.length === 0 ? [UNKNOWN] : places.flatMap((place) => found(place));
    for (const facts of records) requireHiding(guardsOf(object), written, facts, names);
  }
}

export function namesIn({ adapter }: Pick<RowTools, 'adapter'>): FieldNames {
  return {
    fold: (name) => (adapter.namesIgnoreCase ? name.toLowerCase() : name),
    twinOf: adapter.twinOf ?? (() => undefined),
  };
}

/** What the records of a body put into fields that guards read. */
function writesIn(
  operation: Operation,
  guardsOf: GuardsOf,
  names: FieldNames,
  walk: WalkTools,
): readonly GuardedWrite[] {
  const { body } = operation.request;
  const writes: GuardedWrite[] = [];
  if (body === undefined) return writes;
  const ids: (string | undefined)[] = [];
  walkBody(operation.body, body, walk, ({ id }) => {
    ids.push(id);
  });
  walkBody(operation.body, body, walk, (record) => {
    const object = writtenObject(record, operation);
    for (const written of textsIn(record, names)) {
      if (fieldsGuarding(guardsOf(object), written, names).length === 0) continue;
      writes.push({ object, written, places: placesOf(record, object, { operation, ids, names, written }) });
    }
  });
  return writes;
}

function textsIn(record: RecordCursor, { fold }: FieldNames): readonly WrittenTexts[] {
  return eitherOf(
    Array.from({ length: record.size }, (_, index) => {
      const kind = record.kind(index);
      const text = kind === 'null' || kind === 'records' ? '' : record.text(index);
      return [fold(record.name(index)), text === '' ? null : text] as const;
    }),
  );
}

interface Naming {
  readonly operation: Operation;
  /** Of all records of the body. */
  readonly ids: readonly (string | undefined)[];
  readonly names: FieldNames;
  readonly written: WrittenTexts;
}

/**
 * Every record that one of a body may be: what names it may stand in the path, in the record itself, or in one of its
 * fields.
 */
function placesOf(
  { id }: Pick<RecordCursor, 'id'>,
  object: string,
  { operation, ids, names, written }: Naming,
): readonly Place[] {
  const { recordId, targets = [] } = operation;
  if (recordId !== undefined) return [{ object, value: recordId }];
  const keys = lookupsOf(operation).flatMap(({ values = [], ...by }) =>
    values.map((value) => ({ ...by, value })),
  );
  // Beside the name of a property the id is a value of that (HubSpot's `idProperty`).
  const own = keys.filter(({ value }) => value === id);
  const isAlsoAnId = ids.filter((one) => one === id).length > 1;
  const byId = id !== undefined && (own.length === 0 || isAlsoAnId) ? [{ object, value: id }] : [];
  const others = keys.filter(
    (key) => !ids.includes(key.value) && (key.object === object || key.object === '*'),
  );
  const ofRecord = others.filter(({ field = '', value }) => written.get(names.fold(field)) === value);
  const named = targets.map(({ object: of, id: value, ...by }) => ({ object: of, value, ...by }));
  return [...own, ...byId, ...(ofRecord.length > 0 ? ofRecord : others), ...named];
}

/**
 * Reads the records that may be meant, all that are sought by one field at once.
 * @returns what stands in those at a place
 */
async function findPlaces(
  writes: readonly GuardedWrite[],
  guardsOf: GuardsOf,
  names: FieldNames,
  tools: RowTools,
): Promise<(place: Place) => readonly RecordFacts[]> {
  const nameOf = ({ object, field }: Omit<Place, 'value'>): string => JSON.stringify([object, field]);
  const places = Map.groupBy(
    writes.flatMap((write) => write.places),
    nameOf,
  );
  const found = await Promise.all(
    Array.from(places, async ([name, alike]): Promise<readonly [string, readonly Found[] | undefined][]> => {
      const [first] = alike;
      if (first === undefined) return [];
      const { value: _, ...by } = first;
      const values = [...new Set(alike.map(({ value }) => value))];
      const fields = writes
        .filter(({ object }) => object === by.object || by.object === '*')
        .flatMap(({ object, written }) => fieldsGuarding(guardsOf(object), written, names));
      return [[name, await findRecords({ ...by, values }, [...new Set(fields)], tools)]];
    }),
  );
  const records = new Map(found.flat());
  return (place) => {
    const there = records.get(nameOf(place));
    if (there === undefined) return [UNKNOWN];
    // Which of the values a record stands under is not always told: it counts for each.
    return there.flatMap(({ asked, facts }) => (asked === undefined || asked === place.value ? [facts] : []));
  };
}

/**
 * When two records become one, what is hidden in one would be shown where it is not hidden in the other.
 * @throws Refusal
 */
async function requireAlike({ targets = [] }: Operation, guardsOf: GuardsOf, tools: RowTools): Promise<void> {
  const objects = [...new Set(targets.map(({ object }) => object))];
  for (const object of objects) {
    const guards = guardsOf(object);
    const values = targets.flatMap(({ id, object: of }) => (of === object ? [id] : []));
    const fields = [...new Set(guards.flatMap(({ needs }) => needs))];
    const found = guards.length === 0 ? [] : await findRecords({ object, values }, fields, tools);
    const factsOf = (value: string): RecordFacts =>
      found?.find(({ asked }) => asked === value)?.facts ?? UNKNOWN;
    const isAlike = ({ hides }: Guard): boolean =>
      new Set(values.map((value) => hides(factsOf(value)))).size < 2;
    const other = guards.find((guard) => !isAlike(guard));
    if (other !== undefined) {
      const message = 'Different fields of these records are hidden from you, so you may not merge them.';
      throw new Refusal({ policy: other.policy, message });
    }
  }
}

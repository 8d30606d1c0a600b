import type { NamedRecord, Operation } from '../model/operation.ts';
import type { Sought } from './found-records.ts';
import { type WalkTools, walkBody, writtenObject } from './walk-body.ts';

const CHANGING = new Set(['update', 'delete', 'merge']);

/** Whether records that are there become others, or are taken away. */
export function changesRecords({ kind, otherKinds = [] }: Operation): boolean {
  return [kind, ...otherKinds].some((one) => CHANGING.has(one));
}

/** Records that a request names. Values are undefined where it does not tell which it looks up. */
export type Target = Omit<Sought, 'values'> & { readonly values: readonly string[] | undefined };

/** The records that a request changes, by what it names them by, and those that it refers to by a value. */
export function targetsOf(operation: Operation, walk: WalkTools): readonly Target[] {
  const { objects, recordId, targets = [], body, request } = operation;
  const named: NamedRecord[] = [...targets];
  if (recordId !== undefined) named.push({ object: objects[0] ?? '*', id: recordId });
  const lookups = lookupsOf(operation);
  const keys = lookups.flatMap(({ values }) => values ?? []);
  const untold: string[] = [];
  if (request.body !== undefined) {
    walkBody(body, request.body, walk, (record) => {
      const { id } = record;
      if (id === undefined) {
        if (named.length + lookups.length === 0) untold.push(writtenObject(record, operation));
        return;
      }
      // Beside the name of a property the id is a value of that (HubSpot's `idProperty`), which is looked up itself.
      const key = keys.indexOf(id);
      if (key >= 0) keys.splice(key, 1);
      else named.push({ object: writtenObject(record, operation), id });
    });
  }
  const alike = Map.groupBy(named, ({ object, field }) => JSON.stringify([object, field]));
  const sought = Array.from(alike.values(), ([first, ...more]): Target[] => {
    if (first === undefined) return [];
    const { id, ...by } = first;
    return [{ ...by, values: [id, ...more.map((one) => one.id)] }];
  });
  return [...sought.flat(), ...lookups, ...untold.map((object) => ({ object, values: undefined }))];
}

/** The records that a request refers to by a value: those it changes, and those that these are related to. */
export function lookupsOf({ uses }: Operation): readonly Target[] {
  return uses
    .filter(({ position }) => position === 'lookup')
    .map(({ object, field, equals }) => ({ object, field, values: equals }));
}

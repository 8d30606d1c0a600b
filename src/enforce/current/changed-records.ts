import type { NamedRecord, Operation } from '../../model/operation.ts';
import { type WalkTools, walkBody, writtenObject } from '../record/walk-body.ts';
import type { Sought } from './found-records.ts';

const CHANGING = new Set(['update', 'delete', 'merge']);

/** Whether existing records are changed or deleted. */
export function changesRecords({ kind, otherKinds = [] }: Operation): boolean {
  return [kind, ...otherKinds].some((one) => CHANGING.has(one));
}

/** Records that a request names. `values` is undefined when it does not tell which ones it looks up. */
export type Target = Omit<Sought, 'values'> & { readonly values: readonly string[] | undefined };

/** The records that a request changes, by how it names them, and those that it refers to by a value. */
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
      // When the request names a property, the id is a value of it (HubSpot's `idProperty`), and is sought as such.
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

/** The records that a request refers to by a value: those that it changes, and those related to them. */
export function lookupsOf({ uses }: Operation): readonly Target[] {
  return uses
    .filter(({ position }) => position === 'lookup')
    .map(({ object, field, equals }) => ({ object, field, values: equals }));
}

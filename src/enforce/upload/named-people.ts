import { findPeople, type PeopleTools } from '../current/found-people.ts';
import type { Sought } from '../current/found-records.ts';
import type { ToldPerson } from '../people/told-person.ts';
import { type NotedRow, nameOf, soughtIn } from './upload-rows.ts';

/** Undefined: it cannot be told who it is. */
export type Whom = ToldPerson | undefined;

/** Name of a record in the upload → the people it is about. Nothing when the CRM does not tell. */
export async function findNamed(
  rows: readonly Pick<NotedRow, 'named'>[],
  tools: PeopleTools,
): Promise<ReadonlyMap<string, readonly Whom[]>> {
  const found = new Map<string, Whom[]>();
  const find = async (sought: Sought): Promise<void> => {
    for (const person of (await findPeople(sought, tools)) ?? []) {
      const name = nameOf({ ...sought, value: person.value });
      found.set(name, [...(found.get(name) ?? []), person.keys]);
    }
  };
  await Promise.all(soughtIn(rows).map(find));
  return found;
}

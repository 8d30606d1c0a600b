import { toldByFields } from '../people/told-by.ts';
import type { ToldPerson } from '../people/told-person.ts';
import { revealCurrent } from './current-values.ts';
import { type PeopleTools, toldOwn } from './found-people.ts';

/** What a written record says about its person, by field of the data map. */
export type Told = ReadonlyMap<string, string>;

/**
 * The keys of the people that written records are about: by the values written, and by their own records where these
 * are named. Undefined for each that cannot be told.
 * @throws PrivetError VAULT_UNAVAILABLE
 */
export async function peopleBrought(
  object: string,
  records: readonly Told[],
  tools: PeopleTools,
): Promise<readonly (ToldPerson | undefined)[]> {
  const { view, vault, naming } = tools;
  // A client may send back the token of an address.
  const numbered = records.map((told, index) => [String(index), told] as const);
  const current = await revealCurrent(numbered, object, view, vault);
  const told = records.map((_, index) => {
    const own = current.get(String(index));
    return toldByFields(view.of(object), (field) => String(own?.get(field)?.value ?? ''), undefined, naming);
  });
  return toldOwn(told, tools);
}

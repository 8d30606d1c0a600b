import { type CrmModel, foldName } from '../data-map.ts';
import type { Complain, DataMapDocument, Placed } from '../language/documents.ts';
import { mappedObjects } from './mapped-objects.ts';

/** An id has 15 characters without those that only check it. */
const REST_OF_ID = '0'.repeat(12);

/** Refuses beginnings of ids where ids do not tell their object, and those with which ids of other objects begin. */
export function checkIdPrefixes(
  dataMaps: readonly Placed<DataMapDocument>[],
  models: ReadonlyMap<string, CrmModel>,
  complain: Complain,
): void {
  for (const { crm, name, mapped, source } of mappedObjects(dataMaps)) {
    const model = models.get(crm);
    if (model === undefined || mapped.idPrefix === undefined) continue;
    const message = mistakeIn(name, mapped.idPrefix, model);
    if (message !== undefined) complain(source, ['objects', name, 'idPrefix'], message);
  }
}

function mistakeIn(name: string, prefix: string, { traits, objects }: CrmModel): string | undefined {
  if (traits.through !== 'fields') {
    return `found how ids begin in ${traits.name}, expected nothing: its ids do not tell their object`;
  }
  const key = foldName(traits, name);
  const others = Array.from(objects).filter(([other, { idPrefix }]) => other !== key && idPrefix === prefix);
  const taken = traits.objectOfId?.(prefix + REST_OF_ID) ?? others[0]?.[1].name;
  return taken === undefined || foldName(traits, taken) === key
    ? undefined
    : `found ${prefix}, with which ids of ${taken} begin, expected one of its own`;
}

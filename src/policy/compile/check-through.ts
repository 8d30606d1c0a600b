import { nearest } from '../../document/nearest.ts';
import { didYouMean } from '../../document/validate.ts';
import { type CrmModel, type CrmTraits, foldName, isAboutPeople, relationIn } from '../data-map.ts';
import type { Complain, DataMapDocument, Placed } from '../language/documents.ts';
import { mappedObjects } from './mapped-objects.ts';

/**
 * Refuses data maps that lead to people where the CRM does not tell what belongs together, through objects that nobody
 * knows or that are about nobody, and in a circle.
 */
export function checkThrough(
  dataMaps: readonly Placed<DataMapDocument>[],
  models: ReadonlyMap<string, CrmModel>,
  complain: Complain,
): void {
  for (const { crm, name: object, mapped, source } of mappedObjects(dataMaps)) {
    const model = models.get(crm);
    if (model === undefined) continue;
    for (const [index, name] of (mapped.dataSubject?.through ?? []).entries()) {
      const message = mistakeIn(object, name, model);
      if (message !== undefined)
        complain(source, ['objects', object, 'dataSubject', 'through', index], message);
    }
  }
}

function mistakeIn(object: string, name: string, { traits, objects }: CrmModel): string | undefined {
  if (traits.through === undefined) {
    return `found what leads to further people in ${traits.name}, expected nothing: it does not tell which records belong together`;
  }
  // Which objects a field leads to, the ids in it tell.
  if (traits.through === 'fields' && relationIn(name) === undefined) return undefined;
  const named = objectIn(name, traits);
  const target = objects.get(foldName(traits, named));
  if (target === undefined) {
    const names = Array.from(objects.values(), (one) => one.name);
    return `found unknown object "${named}", expected an object of a data map${didYouMean(nearest(named, names))}`;
  }
  if (!isAboutPeople(target)) {
    return `found ${target.name}, which is about nobody, expected an object with dataSubject in its data map`;
  }
  const key = foldName(traits, object);
  if (!leadsTo(key, name, { traits, objects }, new Set())) return undefined;
  return `found ${target.name}, which leads back to ${object}, expected what leads to people`;
}

function objectIn(name: string, { through }: CrmTraits): string {
  return (through === 'fields' ? relationIn(name)?.object : undefined) ?? name;
}

function leadsTo(key: string, name: string, model: CrmModel, passed: Set<string>): boolean {
  const next = foldName(model.traits, objectIn(name, model.traits));
  if (next === key) return true;
  if (passed.has(next)) return false;
  passed.add(next);
  return model.objects.get(next)?.through.some((further) => leadsTo(key, further, model, passed)) === true;
}

import { nearest } from '../../document/nearest.ts';
import { didYouMean } from '../../document/validate.ts';
import { type CrmModel, type CrmTraits, foldName } from '../data-map.ts';
import type { Complain, DataMapDocument, Placed } from '../language/documents.ts';
import { VOCABULARY } from '../language/vocabulary.ts';

/**
 * Warns of objects of the company's own data maps that look like a misspelt object of the included ones or of the CRM's
 * description. No more than a warning: a CRM may have objects of its own.
 */
export function warnOfUnusualObjects(
  dataMaps: readonly Placed<DataMapDocument>[],
  ownLayer: number,
  crms: readonly CrmTraits[],
  warn: Complain,
): void {
  for (const traits of crms) {
    const ofCrm = dataMaps.filter(({ content }) => content.dataMap === traits.name);
    const included = ofCrm
      .filter(({ layer }) => layer < ownLayer)
      .flatMap(({ content }) => Object.keys(content.objects))
      .concat(traits.describedObjects ?? []);
    const known = new Set(included.map((name) => foldName(traits, name)));
    for (const { content, source } of ofCrm.filter(({ layer }) => layer === ownLayer))
      for (const name of Object.keys(content.objects)) {
        const near = known.has(foldName(traits, name)) ? undefined : nearest(name, included);
        if (near !== undefined)
          warn(source, ['objects', name], `found object "${name}"${didYouMean(near)}`, 'key');
      }
  }
}

/**
 * Warns of categories that look like a misspelt word of the vocabulary. No more than a warning: categories are
 * open-ended.
 */
export function warnOfUnusualCategories(models: Iterable<CrmModel>, warn: Complain): void {
  const objects = Array.from(models).flatMap((model) => [...model.objects.values()]);
  for (const { categories, source, path } of objects.flatMap(({ fields }) => [...fields.values()])) {
    for (const category of categories) {
      if (Object.hasOwn(VOCABULARY, category)) continue;
      const near = nearest(category, Object.keys(VOCABULARY));
      if (near !== undefined) warn(source, path, `found category "${category}"${didYouMean(near)}`);
    }
  }
}

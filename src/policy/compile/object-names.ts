import { nearest } from '../../document/nearest.ts';
import { didYouMean } from '../../document/validate.ts';
import { type CrmTraits, foldName } from '../data-map.ts';
import type { Complain, DataMapDocument, Placed } from '../language/documents.ts';

/**
 * Warns of objects of the company's own data maps that look like a misspelt object of the included ones. No more than a
 * warning: a CRM may have objects of its own.
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
      .flatMap(({ content }) => Object.keys(content.objects));
    const known = new Set(included.map((name) => foldName(traits, name)));
    for (const { content, source } of ofCrm.filter(({ layer }) => layer === ownLayer))
      for (const name of Object.keys(content.objects)) {
        const near = known.has(foldName(traits, name)) ? undefined : nearest(name, included);
        if (near !== undefined)
          warn(source, ['objects', name], `found object "${name}"${didYouMean(near)}`, 'key');
      }
  }
}

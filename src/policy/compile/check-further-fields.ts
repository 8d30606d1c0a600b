import { nearest } from '../../document/nearest.ts';
import { didYouMean } from '../../document/validate.ts';
import { type CrmModel, foldName } from '../data-map.ts';
import type { Complain, DataMapDocument, Placed } from '../language/documents.ts';

/**
 * Refuses data maps with further fields of nobody, and such as hold ids of records in a CRM, or of an object, that
 * nobody knows.
 */
export function checkFurtherFields(
  dataMaps: readonly Placed<DataMapDocument>[],
  models: ReadonlyMap<string, CrmModel>,
  complain: Complain,
): void {
  for (const { content, source } of dataMaps) {
    const own = models.get(content.dataMap);
    for (const [object, { dataSubject }] of Object.entries(content.objects)) {
      const isOfNobody = own?.objects.get(foldName(own.traits, object))?.person === undefined;
      if (dataSubject?.also !== undefined && isOfNobody) {
        const message = `found how the person of ${object} is known besides, expected dataSubject.id in this data map or in another`;
        complain(source, ['objects', object, 'dataSubject', 'also'], message, 'key');
      }
      for (const [field, as] of Object.entries(dataSubject?.also ?? {})) {
        if (typeof as === 'string') continue;
        const path = ['objects', object, 'dataSubject', 'also', field];
        const model = models.get(as.crm);
        if (model === undefined) {
          const crms = [...models.keys()];
          const message = `found unknown CRM "${as.crm}", expected one of ${crms.join(', ')}${didYouMean(nearest(as.crm, crms))}`;
          complain(source, [...path, 'crm'], message);
        } else if (!model.objects.has(foldName(model.traits, as.object))) {
          const names = Array.from(model.objects.values(), ({ name }) => name);
          const message = `found unknown object "${as.object}", expected an object of a data map${didYouMean(nearest(as.object, names))}`;
          complain(source, [...path, 'object'], message);
        }
      }
    }
  }
}

import { nearest } from '../../document/nearest.ts';
import { didYouMean } from '../../document/validate.ts';
import type { RecordElsewhere } from '../../model/requirement.ts';
import { type CrmModel, foldName } from '../data-map.ts';
import type { Complain, DataMapDocument, Placed } from '../language/documents.ts';
import { mappedObjects } from './mapped-objects.ts';

/**
 * Refuses `dataSubject.also` on objects that are about nobody, and fields in it that hold ids of an unknown CRM or
 * object.
 */
export function checkFurtherFields(
  dataMaps: readonly Placed<DataMapDocument>[],
  models: ReadonlyMap<string, CrmModel>,
  complain: Complain,
): void {
  for (const { crm, name: object, mapped, source } of mappedObjects(dataMaps)) {
    const also = mapped.dataSubject?.also;
    if (also === undefined) continue;
    const own = models.get(crm);
    if (own?.objects.get(foldName(own.traits, object))?.person === undefined) {
      const message = `found further fields of the person of ${object}, expected dataSubject.id in this data map or in another`;
      complain(source, ['objects', object, 'dataSubject', 'also'], message, 'key');
    }
    for (const [field, as] of Object.entries(also)) {
      const mistake = typeof as === 'string' ? undefined : mistakeIn(as, models);
      if (mistake === undefined) continue;
      complain(source, ['objects', object, 'dataSubject', 'also', field, mistake.at], mistake.message);
    }
  }
}

function mistakeIn(
  { crm, object }: RecordElsewhere,
  models: ReadonlyMap<string, CrmModel>,
): { readonly at: 'crm' | 'object'; readonly message: string } | undefined {
  const model = models.get(crm);
  if (model === undefined) {
    const crms = [...models.keys()];
    const message = `found unknown CRM "${crm}", expected one of ${crms.join(', ')}${didYouMean(nearest(crm, crms))}`;
    return { at: 'crm', message };
  }
  if (model.objects.has(foldName(model.traits, object))) return undefined;
  const names = Array.from(model.objects.values(), ({ name }) => name);
  const message = `found unknown object "${object}", expected an object of a data map${didYouMean(nearest(object, names))}`;
  return { at: 'object', message };
}

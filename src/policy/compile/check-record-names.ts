import { nearest } from '../../document/nearest.ts';
import type { DocumentPath } from '../../document/source.ts';
import { didYouMean } from '../../document/validate.ts';
import type { Condition } from '../condition.ts';
import { FACTS, fieldOfFact, isFact } from '../data-map.ts';
import type { Check } from './check.ts';

/** Checks that the data maps say which fields a condition reads. @param path of the condition in the document */
export function checkRecordNames(check: Check, condition: Condition, path: DocumentPath): void {
  const { document, context, targets, complain } = check;
  if (condition.recordNames.includes('region') && context.declared.regions === undefined) {
    complain(path, 'found record.region, but no document declares a region');
  }
  const isNamed = document.on?.objects !== undefined;
  for (const name of condition.recordNames) {
    const lacking = targets.filter(({ model, object }) => fieldOfFact(model, object, name) === undefined);
    const [first] = lacking;
    if (first === undefined || (!isNamed && lacking.length < targets.length)) continue;
    const known = [...first.object.fields.values()].map((field) => field.name);
    complain(
      path,
      isFact(name)
        ? `found record.${name}, but the data map of ${first.object.name} does not say which field that is`
        : `found record.${name}, expected a field of ${first.object.name} in its data map or one of ${FACTS.join(', ')}${didYouMean(nearest(name, [...FACTS, ...known]))}`,
    );
  }
}

import { nearest } from '../../document/nearest.ts';
import type { DocumentPath } from '../../document/source.ts';
import { didYouMean } from '../../document/validate.ts';
import type { Condition } from '../condition.ts';
import { FACTS, fieldOfFact, isFact } from '../data-map.ts';
import type { Check } from './check.ts';
import { undeclared } from './undeclared.ts';

/** Checks that the data maps say which fields a condition reads. @param path of the condition in the document */
export function checkRecordNames(check: Check, condition: Condition, path: DocumentPath): void {
  const { document, targets, complain } = check;
  checkWords(check, condition, path);
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

/** Levels and regions must be declared words: they are not compared with the CRM's own texts. */
function checkWords(
  { context: { declared }, complain }: Check,
  { recordNames, memberships }: Condition,
  path: DocumentPath,
): void {
  if (recordNames.includes('region') && declared.regions === undefined) {
    complain(path, 'found record.region, but no document declares a region');
  }
  for (const { name, among } of memberships ?? []) {
    if (name !== 'level' && name !== 'region') continue;
    for (const comparand of among) {
      const message = 'word' in comparand ? undeclared(name, comparand.word, declared) : undefined;
      if (message !== undefined) complain(path, message);
    }
  }
}

import { nearest } from '../../document/nearest.ts';
import type { DocumentPath } from '../../document/source.ts';
import { didYouMean } from '../../document/validate.ts';
import type { FieldRule } from '../compiled-policy.ts';
import { covers } from '../covers.ts';
import { foldName } from '../data-map.ts';
import { coversCategory, NOT_PERSONAL, VOCABULARY } from '../language/vocabulary.ts';
import type { Check } from './check.ts';

/** Checks that the keys of `show` or `store` name categories or fields. @param path of the keys in the document */
export function checkKeys(check: Check, path: DocumentPath, rules: readonly FieldRule[]): void {
  const { document, targets, complain } = check;
  if (!check.context.mapsComplete) return;
  const known = rules.filter((rule) => checkKey(check, path, rule));
  const matchesSomething = targets.some(({ model, object }) =>
    rules.some((rule) => [...object.fields].some(([name, field]) => covers(rule, model, name, field))),
  );
  if (document.on?.objects !== undefined && targets.length > 0 && known.length > 0 && !matchesSomething) {
    const names = [...new Set(targets.map(({ object }) => object.name))].join(', ');
    complain(path, `found nothing of ${names} among these keys: the policy can never apply`, 'key');
  }
}

function checkKey(
  { document, context, targets, complain }: Check,
  path: DocumentPath,
  { key, isField }: FieldRule,
): boolean {
  if (key === NOT_PERSONAL) {
    complain([...path, key], `found ${NOT_PERSONAL}, expected a category that is personal`, 'key');
    return false;
  }
  const used = [...context.models.values()].flatMap(({ objects }) =>
    [...objects.values()].flatMap(({ fields }) =>
      [...fields.values()].flatMap(({ categories }) => categories),
    ),
  );
  const categories = [...new Set([...Object.keys(VOCABULARY), ...used])];
  if (categories.some((category) => coversCategory(key, category))) return true;
  const fields = targets.flatMap(({ object }) => [...object.fields.values()].map(({ name }) => name));
  if (!isField) {
    const branches = categories
      .filter((category) => category.includes('.'))
      .map((category) => `${category.split('.')[0]}.*`);
    const near = nearest(key, [...categories, ...branches, ...fields]);
    const where = document.on?.objects === undefined ? 'any data map' : document.on.objects.join(', ');
    complain(
      [...path, key],
      `found "${key}", expected a category or a field of ${where}${didYouMean(near)}`,
      'key',
    );
    return false;
  }
  return checkNotClear({ document, targets, complain }, path, key);
}

function checkNotClear(
  { document, targets, complain }: Pick<Check, 'document' | 'targets' | 'complain'>,
  path: DocumentPath,
  key: string,
): boolean {
  const found = targets.flatMap(({ model, object }) => {
    const field = object.fields.get(foldName(model.traits, key));
    return field === undefined ? [] : [{ object, field }];
  });
  const clear = found.find(({ field }) => !field.isPersonal);
  const isMistake = document.on?.objects !== undefined || found.every(({ field }) => !field.isPersonal);
  if (clear === undefined || !isMistake) return true;
  complain(
    [...path, key],
    `found ${clear.field.name} of ${clear.object.name}, which the data map classifies ${NOT_PERSONAL}: give it a category to treat it`,
    'key',
  );
  return false;
}

import type { FieldRule } from './compiled-policy.ts';
import { type CrmModel, foldName } from './data-map.ts';
import { coversCategory } from './language/vocabulary.ts';

/** Whether a line of `show` or `store` covers a field. Fields of category `none` are never treated. */
export function covers(
  rule: FieldRule,
  { traits }: CrmModel,
  name: string,
  field: { readonly categories: readonly string[]; readonly isPersonal: boolean },
): boolean {
  if (!field.isPersonal) return false;
  return (
    field.categories.some((category) => coversCategory(rule.key, category)) ||
    (rule.isField && foldName(traits, rule.key) === name)
  );
}

import type { FieldRule } from './compiled-policy.ts';
import { type CrmModel, foldName, type MappedField } from './data-map.ts';
import { coversCategory } from './language/vocabulary.ts';

/** Whether a line of `show` or `store` covers a field. Fields of category `none` are never treated. */
export function covers(
  rule: FieldRule,
  { traits }: CrmModel,
  name: string,
  field: Pick<MappedField, 'categories' | 'isPersonal' | 'repeats'>,
): boolean {
  if (!field.isPersonal) return false;
  if (field.categories.some((category) => coversCategory(rule.key, category))) return true;
  if (!rule.isField) return false;
  const named = foldName(traits, rule.key);
  return named === name || named === field.repeats;
}

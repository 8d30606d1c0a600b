import { covers } from './covers.ts';
import type { CrmModel, MappedField } from './data-map.ts';
import type { Complain } from './documents.ts';
import type { CompiledPolicy } from './snapshot.ts';

const NAMED_MAX = 4;

/** Warns of classified fields that no policy treats for anybody: one warning a category, at its first field. */
export function uncoveredCategories(
  policies: readonly CompiledPolicy[],
  models: Iterable<CrmModel>,
  warn: Complain,
): void {
  const uncovered = new Map<string, { readonly first: MappedField; readonly names: string[] }>();
  for (const model of models) {
    for (const [objectKey, object] of model.objects) {
      const rules = policies
        .filter(({ objects }) => objects === undefined || objects.get(model.traits.name)?.has(objectKey))
        .flatMap(({ show, stepUp }) => [...show, ...(stepUp?.otherwise.show ?? [])]);
      for (const [name, field] of object.fields) {
        if (!field.isPersonal || rules.some((rule) => covers(rule, model, name, field))) continue;
        const category = field.categories.join(' + ');
        const entry = uncovered.get(category) ?? { first: field, names: [] };
        entry.names.push(`${object.name}.${field.name}`);
        uncovered.set(category, entry);
      }
    }
  }
  for (const [category, { first, names }] of uncovered) {
    const rest = names.length > NAMED_MAX ? ` and ${names.length - NAMED_MAX} more` : '';
    warn(
      first.source,
      first.path,
      `found fields of category ${category} that no policy treats: ${names.slice(0, NAMED_MAX).join(', ')}${rest}`,
      'key',
    );
  }
}

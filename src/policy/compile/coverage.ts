import { type Problem, sortProblems } from '../../document/problem.ts';
import type { CompiledPolicy } from '../compiled-policy.ts';
import { covers } from '../covers.ts';
import type { CrmModel, MappedField } from '../data-map.ts';

const NAMED_MAX = 4;

/** The fields of a category that no policy treats for anybody. */
interface Uncovered {
  readonly first: MappedField;
  readonly names: string[];
  /** One of the fields is in the company's own data map. */
  isOwn: boolean;
}

/**
 * Warns of classified fields that no policy treats for anybody. A category that has fields of the company's own, or
 * that is treated elsewhere, gets a warning of its own at its first field: somebody has to decide about it. All other
 * categories of the packs share one warning.
 * @param ownLayer layer of the company's own files
 */
export function uncoveredCategories(
  policies: readonly CompiledPolicy[],
  models: Iterable<CrmModel>,
  ownLayer: number,
): readonly Problem[] {
  const uncovered = new Map<string, Uncovered>();
  const covered = new Set<string>();
  for (const model of models) {
    for (const [objectKey, object] of model.objects) {
      const rules = policies
        .filter(({ objects }) => objects === undefined || objects.get(model.traits.name)?.has(objectKey))
        .flatMap(({ show, stepUp }) => [...show, ...(stepUp?.otherwise.show ?? [])]);
      for (const [name, field] of object.fields) {
        if (!field.isPersonal) continue;
        const category = field.categories.join(' + ');
        if (rules.some((rule) => covers(rule, model, name, field))) {
          covered.add(category);
          continue;
        }
        const entry = uncovered.get(category) ?? { first: field, names: [], isOwn: false };
        entry.names.push(`${object.name}.${field.name}`);
        entry.isOwn ||= field.layer === ownLayer;
        uncovered.set(category, entry);
      }
    }
  }
  const needsDecision = ([category, { isOwn }]: readonly [string, Uncovered]): boolean =>
    isOwn || covered.has(category);
  const all = [...uncovered];
  return [
    ...all.filter(needsDecision).map(warningOf),
    ...warningOfPacks(all.filter((one) => !needsDecision(one))),
  ];
}

function warningOf([category, { first, names }]: readonly [string, Uncovered]): Problem {
  const rest = names.length > NAMED_MAX ? ` and ${names.length - NAMED_MAX} more` : '';
  const named = names.slice(0, NAMED_MAX).join(', ');
  const message = `found fields of category ${category} that no policy treats: ${named}${rest}`;
  return { file: first.source.file, ...first.source.positionOf(first.path, 'key'), message };
}

function warningOfPacks(packed: readonly (readonly [string, Uncovered])[]): readonly Problem[] {
  const details = sortProblems(packed.map(warningOf));
  const [first] = details;
  if (first === undefined) return [];
  const categories = new Set(packed.flatMap(([, uncovered]) => uncovered.first.categories));
  const message = `found ${categories.size} categories of the packs that no policy treats, so that everybody is shown what is in them: ${[...categories].sort(specialFirst).join(', ')}`;
  return [{ ...first, message, details }];
}

/** Special categories of personal data (GDPR Art. 9 and 10) before the others. */
function specialFirst(a: string, b: string): number {
  const rank = (category: string): string => `${/^(?:special|health)\b/.test(category) ? 0 : 1} ${category}`;
  return rank(a) < rank(b) ? -1 : 1;
}

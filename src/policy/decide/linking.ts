import type { ObjectView } from '../../model/decision.ts';
import { foldName, relationIn } from '../data-map.ts';
import type { Draft, ViewInput } from './view-draft.ts';

/**
 * By folded name of an object: what its records do to whom others are about, which name them in `through`. All that is
 * required of records which are about others counts, because these may be found over several.
 */
export function linkingOf(
  { model: { traits } }: Pick<ViewInput, 'model'>,
  drafts: readonly Draft[],
): ReadonlyMap<string, NonNullable<ObjectView['linking']>> {
  const relations = drafts.flatMap(({ through }) => through.flatMap((name) => relationIn(name) ?? []));
  const requirements = drafts
    .filter(({ through, relatedBy }) => through.length + relatedBy.length > 0)
    .flatMap((draft) => draft.requirements);
  if (traits.through !== 'fields' || requirements.length === 0) return new Map();
  const byObject = Map.groupBy(relations, ({ object }) => foldName(traits, object));
  return new Map(
    Array.from(byObject, ([key, some]) => [
      key,
      { fields: [...new Set(some.map(({ field }) => field))], requirements },
    ]),
  );
}

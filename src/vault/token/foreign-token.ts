import type { ReadableStore } from '../../store/store.ts';
import { readEntries } from '../entries.ts';
import { bondsOf, holdingKey, lastSegment } from '../places.ts';
import type { GroupState } from './token-state.ts';

type Reading = Pick<ReadableStore, 'getMany' | 'page'>;

const BONDS_PAGE = 1_000;

/**
 * The groups whose text is a token that not all of their holders have, though it is taken only for those who do. A
 * person also has what was theirs before the CRM gave them an id.
 */
export async function foreignTokens(
  store: Reading,
  groups: readonly GroupState[],
): Promise<ReadonlySet<GroupState>> {
  const strangers = groups.flatMap((one) => {
    const { group, found, held } = one;
    if (!group.onlyOwnToken || found?.key === undefined || found.id !== group.asToken) return [];
    const { id } = found;
    return group.holders.filter((holder) => !held.has(holder)).map((holder) => ({ one, holder, id }));
  });
  const had = await Promise.all(strangers.map(({ holder, id }) => hadBefore(store, holder, id)));
  return new Set(strangers.filter((_, index) => had[index] === false).map(({ one }) => one));
}

/** Whether a record belongs to one of the provisional holders that have become this one. */
async function hadBefore(store: Reading, holder: string, id: string): Promise<boolean> {
  for await (const bonds of readEntries(store, bondsOf(holder), BONDS_PAGE)) {
    const holdings = await store.getMany(bonds.map(({ key }) => holdingKey(lastSegment(key), id)));
    if (holdings.some((one) => one !== undefined)) return true;
  }
  return false;
}

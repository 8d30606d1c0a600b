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
  const foreign = new Set<GroupState>();
  for (const one of groups) {
    const { group, found, held } = one;
    if (!group.onlyOwnToken || found?.key === undefined || found.id !== group.asToken) continue;
    for (const holder of group.holders) {
      if (!held.has(holder) && !(await hadBefore(store, holder, found.id))) foreign.add(one);
    }
  }
  return foreign;
}

/** Whether a record belongs to one of the provisional holders that have become this one. */
async function hadBefore(store: Reading, holder: string, id: string): Promise<boolean> {
  for await (const bonds of readEntries(store, bondsOf(holder), BONDS_PAGE)) {
    const holdings = await store.getMany(bonds.map(({ key }) => holdingKey(lastSegment(key), id)));
    if (holdings.some((one) => one !== undefined)) return true;
  }
  return false;
}

import type { Entry, GuardedWrite } from '../../store/store.ts';
import type { VaultContext } from '../context.ts';
import { readEntries } from '../entries.ts';
import { nextErasure } from '../holder/erasure.ts';
import { isProvisional } from '../holder/holder.ts';
import type { HolderKey } from '../holder/holder-key.ts';
import { forgetKey } from '../holder/holder-key-cache.ts';
import { loadHolderKeys } from '../holder/holder-keys.ts';
import { holderKey, holdingsOf, lastSegment, MARKS } from '../places.ts';
import { decodeMark, type Mark } from '../token/mark.ts';
import { removeHolder } from '../token/remove-holder.ts';

export interface Swept {
  /** Uses whose token the CRM refused. */
  readonly reclaimed: number;
  /** Uses of which it was never heard whether the CRM took them. */
  readonly unheard: number;
}

/**
 * Reclaims tokens that the CRM refused. What is used again meanwhile stays. So does a token of a write whose outcome
 * was never heard (a connection lost, a crash): it may stand in the CRM, and to lose it would be to lose its value. The
 * CRM is not asked either, because a credential that does not see every record would say of some that they are not
 * there.
 * @param olderThanMs how long ago the CRM must have refused, or the write must have begun: longer than any request may
 * take
 */
export async function sweep(context: VaultContext, olderThanMs: number): Promise<Swept> {
  const now = context.clock();
  // What is from later than now was written before the clock was set back.
  const isDue = ({ at }: Mark): boolean => at <= now - olderThanMs || at > now + olderThanMs;
  const swept = { reclaimed: 0, unheard: 0 };
  for await (const entries of readEntries(context.store, MARKS, context.limits.vaultBatchMax)) {
    const due = entries.filter(({ value }) => isDue(decodeMark(value)));
    const refused = due.filter(({ value }) => decodeMark(value).state === 'refused');
    swept.unheard += due.length - refused.length;
    swept.reclaimed += await reclaim(context, refused);
  }
  return swept;
}

async function reclaim(context: VaultContext, marks: readonly Entry[]): Promise<number> {
  let reclaimed = 0;
  const holders = [...new Set(marks.map(({ key }) => useOf(key).holder))];
  const keys = await loadHolderKeys(context.store, context.keyring, holders);
  for (const mark of marks) {
    const { id, holder } = useOf(mark.key);
    // An unchanged mark means that nobody has begun to use the token again.
    if (await removeHolder(context, id, holder, keys.get(holder), [mark])) reclaimed++;
  }
  await removeKeys(context, keys);
  return reclaimed;
}

/** A provisional data subject belongs to one write: when nothing of that write is left, its key goes, too. */
async function removeKeys(
  { store, keyring }: VaultContext,
  keys: ReadonlyMap<string, HolderKey>,
): Promise<void> {
  const guarded: GuardedWrite[] = [];
  for (const [holder, { stored }] of keys) {
    if (!isProvisional(holder) || (await store.page(holdingsOf(holder), 1)).length > 0) continue;
    const place = holderKey(holder);
    guarded.push({ expect: [{ key: place, value: stored }], writes: [{ delete: place }, nextErasure()] });
    forgetKey(keyring, holder);
  }
  if (guarded.length > 0) await store.writeIf(guarded);
}

function useOf(key: string): { readonly id: string; readonly holder: string } {
  const holder = lastSegment(key);
  return { id: lastSegment(key.slice(0, -holder.length - 1)), holder };
}

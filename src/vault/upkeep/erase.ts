import type { GuardedWrite } from '../../store/store.ts';
import type { VaultContext } from '../context.ts';
import { readEntries } from '../entries.ts';
import { nextErasure } from '../holder/erasure.ts';
import { holderOf } from '../holder/holder.ts';
import type { HolderKey } from '../holder/holder-key.ts';
import { forgetKey } from '../holder/holder-key-cache.ts';
import { erasedKey, loadHolderKeys } from '../holder/holder-keys.ts';
import { bondsOf, holderKey, holdingsOf, INDEX, lastSegment, recordKey, SPELLINGS } from '../places.ts';
import { removeHolder } from '../token/remove-holder.ts';
import { sweep } from './sweep.ts';

export interface Erased {
  /** Tokens that the data subject had. Those that other data subjects have too stay readable as theirs. */
  readonly tokens: number;
}

/**
 * Destroys every data key of a data subject, those from before its id was known too. From then on no token of that
 * person opens in this store. `destroyErased` says so to the secret of backups, and then none opens in a backup either,
 * whenever it was taken. Doing it again does no harm.
 *
 * What it cannot reach: older copies of the backup secret, and what a disk keeps of pages that were given up (LMDB
 * until they are used again, Redis until its append-only file is rewritten). Both open only for who holds the ring and
 * its key-encryption key too. Tokens shared with other data subjects stay readable as theirs.
 */
export async function erase(context: VaultContext, dataSubject: { readonly id: string }): Promise<Erased> {
  const { store, keyring, limits } = context;
  // What the CRM refused before it took it may be this person's too, and nobody learns that.
  await sweep(context, Number.NEGATIVE_INFINITY);
  const own = holderOf(keyring, dataSubject);
  const holders = [own];
  for await (const bonds of readEntries(store, bondsOf(own), limits.vaultBatchMax)) {
    holders.push(...bonds.map(({ key }) => lastSegment(key)));
  }
  let tokens = 0;
  for (const holder of holders) tokens += await eraseHolder(context, holder);
  await store.write([{ deleteRange: bondsOf(own) }]);
  return { tokens };
}

async function eraseHolder(context: VaultContext, holder: string): Promise<number> {
  const { store, keyring, clock } = context;
  const keys = await loadHolderKeys(store, keyring, [holder]);
  const key = keys.get(holder);
  const before = await removeHoldings(context, holder, key);
  if (key === undefined) {
    // An earlier erasure was cut short, and the values by which these were found are no longer known.
    if (before > 0) await removeLooseEntries(context);
    return before;
  }
  // This is the erasure. A process that read the key before can no longer write with it, since its writes expect the
  // entry; nor read with it, since with every record it reads the name of the last erasure.
  await store.write([{ put: holderKey(holder), value: erasedKey(key, clock()) }, nextErasure()]);
  forgetKey(keyring, holder);
  // Removes what was written between the last read and the erasure.
  return before + (await removeHoldings(context, holder, key));
}

async function removeHoldings(
  context: VaultContext,
  holder: string,
  key: HolderKey | undefined,
): Promise<number> {
  let removed = 0;
  for await (const holdings of readEntries(context.store, holdingsOf(holder), context.limits.vaultBatchMax)) {
    for (const holding of holdings) {
      await removeHolder(context, lastSegment(holding.key), holder, key);
      removed++;
    }
  }
  return removed;
}

/** Takes away what leads to no record. */
async function removeLooseEntries({ store, limits }: VaultContext): Promise<void> {
  for (const range of [INDEX, SPELLINGS]) {
    for await (const entries of readEntries(store, range, limits.vaultBatchMax)) {
      const places = entries.map(({ value }) => recordKey(Buffer.from(value).toString()));
      const records = await store.getMany(places);
      const loose = entries.flatMap((entry, index): GuardedWrite[] => {
        const place = places[index];
        if (place === undefined || records[index] !== undefined) return [];
        return [{ expect: [entry, { key: place, value: undefined }], writes: [{ delete: entry.key }] }];
      });
      if (loose.length > 0) await store.writeIf(loose);
    }
  }
}

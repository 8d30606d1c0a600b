import { inTurns, type VaultReading } from './context.ts';
import { isProvisional } from './holder.ts';
import { loadHolderKeys } from './holder-keys.ts';
import { recordId, recordKey } from './places.ts';
import { decodeRecord, openRecord } from './record.ts';

export interface DetokenizeItem {
  readonly domain: string;
  readonly token: string;
}

/**
 * `unknown`: no token of this domain. `erased`: its data subject's key was destroyed. `unreadable`: what is stored was changed, or belongs
 * to another keyring.
 */
export type Detokenized =
  | {
      readonly value: string;
      /** Whose it is, when that person had no id yet; `bind` may still be due. */
      readonly provisional?: string;
    }
  | { readonly failed: 'unknown' | 'erased' | 'unreadable' };

/**
 * Looks tokens up, in turns of `limits.vaultBatchMax`, each in two round trips to the store.
 * @returns for each item its value or why there is none
 * @throws PrivetError VAULT_UNAVAILABLE; the store's own errors
 */
export async function detokenize(
  context: VaultReading,
  items: readonly DetokenizeItem[],
): Promise<readonly Detokenized[]> {
  const done: Detokenized[] = [];
  for (const turn of inTurns(items, context.limits.vaultBatchMax)) {
    done.push(...(await detokenizeTurn(context, turn)));
  }
  return done;
}

async function detokenizeTurn(
  { store, keyring }: VaultReading,
  items: readonly DetokenizeItem[],
): Promise<readonly Detokenized[]> {
  const stored = await store.getMany(items.map(({ domain, token }) => recordKey(recordId(domain, token))));
  const records = stored.map((bytes) => bytes && decodeRecord(bytes));
  const holders = new Set<string>();
  for (const record of records) if (record !== undefined) holders.add(record.holder);
  const keys = await loadHolderKeys(store, keyring, [...holders]);
  return records.map((record, index): Detokenized => {
    if (record === undefined || record.domain !== items[index]?.domain) return { failed: 'unknown' };
    const key = keys.get(record.holder);
    if (key?.id !== record.keyId) return { failed: 'erased' };
    const value = openRecord(record, key.key);
    if (value === undefined) return { failed: 'unreadable' };
    return isProvisional(record.holder) ? { value, provisional: record.holder } : { value };
  });
}

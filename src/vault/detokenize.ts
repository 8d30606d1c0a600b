import { inTurns, type VaultReading } from './context.ts';
import { type Erasure, erasureOf } from './erasure.ts';
import { isProvisional } from './holder.ts';
import type { HolderKey } from './holder-key.ts';
import { knownKeys } from './holder-key-cache.ts';
import { loadHolderKeys } from './holder-keys.ts';
import type { Keyring } from './keyring.ts';
import { ERASURE, recordId, recordKey } from './places.ts';
import { decodeSeal, openRecord, type Seal } from './record.ts';

export interface DetokenizeItem {
  readonly domain: string;
  readonly token: string;
}

/**
 * `unknown`: no token of this domain. `erased`: its data subject's key was destroyed. `unreadable`: what is stored was
 * changed, or belongs to another keyring.
 */
export type Detokenized =
  | {
      readonly value: string;
      /** Whose it is, when that person had no id yet; `bind` may still be due. */
      readonly provisional?: string;
    }
  | { readonly failed: 'unknown' | 'erased' | 'unreadable' };

/**
 * Looks tokens up, in turns of `limits.vaultBatchMax`, each in one round trip to the store, and another one where data
 * keys are not open.
 * @returns for each item its value or why there is none
 * @throws PrivetError VAULT_UNAVAILABLE; the store's own errors
 */
export async function detokenize(
  context: VaultReading,
  items: readonly DetokenizeItem[],
): Promise<readonly Detokenized[]> {
  const { vaultBatchMax } = context.limits;
  if (items.length <= vaultBatchMax) return detokenizeTurn(context, items);
  const done: Detokenized[] = [];
  for (const turn of inTurns(items, vaultBatchMax)) {
    for (const one of await detokenizeTurn(context, turn)) done.push(one);
  }
  return done;
}

async function detokenizeTurn(
  { store, keyring }: VaultReading,
  items: readonly DetokenizeItem[],
): Promise<readonly Detokenized[]> {
  const places = [ERASURE];
  for (const { domain, token } of items) places.push(recordKey(recordId(domain, token)));
  // Read at one moment: if the last erasure is still the one that known data keys were read after, they are valid for
  // these records.
  const [erasure, ...stored] = await store.getMany(places);
  const records = stored.map((bytes) => bytes && decodeSeal(bytes));
  const keys = openKeys(keyring, records, erasureOf(erasure));
  const closed = new Set<string>();
  for (const [index, record] of records.entries())
    if (record !== undefined && keys[index] === undefined) closed.add(record.holder);
  const loaded = await loadHolderKeys(store, keyring, [...closed]);
  return records.map((record, index): Detokenized => {
    if (record === undefined || record.domain !== items[index]?.domain) return { failed: 'unknown' };
    const key = keys[index] ?? loaded.get(record.holder);
    if (key?.id !== record.keyId) return { failed: 'erased' };
    const value = openRecord(record, key.key);
    if (value === undefined) return { failed: 'unreadable' };
    return isProvisional(record.holder) ? { value, provisional: record.holder } : { value };
  });
}

/** For each record the open data key that sealed it, when it was read after the same erasure. */
function openKeys(
  keyring: Keyring,
  records: readonly (Seal | undefined)[],
  erasure: Erasure | undefined,
): readonly (HolderKey | undefined)[] {
  const known = knownKeys(keyring);
  return records.map((record) => {
    const one = record && known.get(record.holder);
    const isThere = one !== undefined && erasure !== undefined && one.seenAfter === erasure;
    return isThere && one.key.id === record?.keyId ? one.key : undefined;
  });
}

import { inTurns, type VaultReading } from '../context.ts';
import { type Erasure, erasureOf } from '../holder/erasure.ts';
import { isProvisional } from '../holder/holder.ts';
import type { HolderKey } from '../holder/holder-key.ts';
import { knownKeys } from '../holder/holder-key-cache.ts';
import { loadHolderKeys } from '../holder/holder-keys.ts';
import type { Keyring } from '../keys/keyring.ts';
import { ERASURE, grantsOf, recordId, recordKey } from '../places.ts';
import { decodeSeal, isShared, openRecord, type Seal } from './record.ts';

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
  context: VaultReading,
  items: readonly DetokenizeItem[],
): Promise<readonly Detokenized[]> {
  const { store, keyring } = context;
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
  const orphaned: { readonly index: number; readonly record: Seal }[] = [];
  const done = records.map((record, index): Detokenized => {
    if (record === undefined || record.domain !== items[index]?.domain) return { failed: 'unknown' };
    const opened = open(record, keys[index] ?? loaded.get(record.holder));
    if ('failed' in opened && opened.failed === 'erased' && isShared(record))
      orphaned.push({ index, record });
    return opened;
  });
  for (const { index, record } of orphaned) done[index] = await openGrant(context, record, items[index]);
  return done;
}

function open(record: Seal, key: HolderKey | undefined): Detokenized {
  if (key?.id !== record.keyId) return { failed: 'erased' };
  const value = openRecord(record, key.key);
  if (value === undefined) return { failed: 'unreadable' };
  return isProvisional(record.holder) ? { value, provisional: record.holder } : { value };
}

/**
 * An erasure was cut short, or is under way, after the key of a record's first holder was destroyed: the others still
 * have its value.
 */
async function openGrant(
  { store, keyring, limits }: VaultReading,
  { domain }: Seal,
  item: DetokenizeItem | undefined,
): Promise<Detokenized> {
  const grants = await store.page(grantsOf(recordId(domain, item?.token ?? '')), limits.vaultBatchMax);
  const seals = grants.map(({ value }) => decodeSeal(value));
  const keys = await loadHolderKeys(store, keyring, [...new Set(seals.map(({ holder }) => holder))]);
  const opened = seals.map((seal) => open(seal, keys.get(seal.holder)));
  return opened.find((one) => 'value' in one) ?? { failed: 'erased' };
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

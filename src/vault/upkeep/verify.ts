import type { Entry, KeyRange } from '../../store/store.ts';
import type { VaultReading } from '../context.ts';
import { readEntries } from '../entries.ts';
import type { HolderKey } from '../holder/holder-key.ts';
import { loadHolderKeys, openHolderKey } from '../holder/holder-keys.ts';
import {
  GRANTS,
  HOLDER_KEYS,
  holdingKey,
  INDEX,
  lastSegment,
  RECORDS,
  recordId,
  recordKey,
  SLOTS,
  SPELLINGS,
} from '../places.ts';
import { decodeRecord, openRecord, type TokenRecord } from '../token/record.ts';
import { isId } from '../token/remove-holder.ts';
import { entriesUnder } from '../token/value-index.ts';

export interface Verified {
  readonly records: number;
  readonly grants: number;
  readonly indexEntries: number;
  readonly dataKeys: number;
}

/**
 * Opens every data key, record and grant, and checks that records, index and holdings agree.
 * @param tell called with every fault: what and where, never a value or a token
 */
export async function verifyVault(context: VaultReading, tell: (problem: string) => void): Promise<Verified> {
  const { store, limits } = context;
  const counts = { records: 0, grants: 0, indexEntries: 0, dataKeys: 0 };
  for await (const entries of readEntries(store, HOLDER_KEYS, limits.vaultBatchMax)) {
    counts.dataKeys += entries.length;
    for (const entry of entries) await verifyKey(context, entry, tell);
  }
  for await (const entries of readEntries(store, RECORDS, limits.vaultBatchMax)) {
    counts.records += entries.length;
    await verifySealed(context, entries, lastSegment, tell);
  }
  for await (const entries of readEntries(store, GRANTS, limits.vaultBatchMax)) {
    counts.grants += entries.length;
    await verifySealed(context, entries, (key) => key.split('/').at(-2) ?? '', tell);
  }
  for (const range of [INDEX, SPELLINGS, SLOTS])
    counts.indexEntries += await verifyIndex(context, range, tell);
  return counts;
}

async function verifyIndex(
  { store, limits }: VaultReading,
  range: KeyRange,
  tell: (problem: string) => void,
): Promise<number> {
  let count = 0;
  for await (const entries of readEntries(store, range, limits.vaultBatchMax)) {
    count += entries.length;
    const records = await store.getMany(entries.map(({ value }) => recordKey(Buffer.from(value).toString())));
    for (const [index, { key }] of entries.entries()) {
      if (records[index] === undefined) tell(`${key}: leads to no record`);
    }
  }
  return count;
}

async function verifyKey(
  { keyring }: VaultReading,
  { key, value }: Entry,
  tell: (problem: string) => void,
): Promise<void> {
  try {
    await openHolderKey(keyring, lastSegment(key), value);
  } catch {
    tell(`${key}: does not open with the keyring`);
  }
}

/** The keys that open; the others have been reported. */
async function openKeys(
  { store, keyring }: VaultReading,
  holders: readonly string[],
): Promise<Map<string, HolderKey>> {
  const keys = new Map<string, HolderKey>();
  for (const holder of new Set(holders)) {
    try {
      for (const [name, key] of await loadHolderKeys(store, keyring, [holder])) keys.set(name, key);
    } catch {
      // Already reported with the data keys.
    }
  }
  return keys;
}

async function verifySealed(
  context: VaultReading,
  entries: readonly Entry[],
  idOf: (key: string) => string,
  tell: (problem: string) => void,
): Promise<void> {
  const { store, keyring } = context;
  const sealed = entries.flatMap(({ key, value }) => {
    const record = readRecord(value);
    if (record === undefined) tell(`${key}: cannot be read`);
    return record === undefined ? [] : [{ place: key, id: idOf(key), record }];
  });
  const keys = await openKeys(
    context,
    sealed.map(({ record }) => record.holder),
  );
  const opened = sealed.map(({ place, id, record }) => {
    const { value, problem } = open(id, record, keys.get(record.holder));
    if (problem !== undefined) tell(`${place}: ${problem}`);
    const name = { domain: record.domain, format: record.format, value: value ?? '' };
    // For each version there must be all entries or none.
    const index =
      value === undefined || record.kind === 'random'
        ? []
        : keyring.versions.map(({ version }) => entriesUnder(keyring, version, name, id));
    return { place, id, holding: holdingKey(record.holder, id), index, value };
  });
  const found = await store.getMany(opened.flatMap(({ holding, index }) => [holding, ...index.flat()]));
  let next = 0;
  for (const { place, id, index, value } of opened) {
    if (found[next++] === undefined) tell(`${place}: is missing among its holder's records`);
    const entries = index.map((keys) => keys.map(() => found[next++]));
    const isComplete = entries.some((own) => own.every((entry) => isId(entry, id)));
    if (index.length === 0 || isComplete) continue;
    const others = entries.flatMap(([entry]) => (entry === undefined ? [] : [Buffer.from(entry).toString()]));
    if (!(await hasValue(context, others, value))) tell(`${place}: is not in the index`);
  }
}

/**
 * Whether the value is found by another token. A token that was reclaimed while a backup was taken comes back with it,
 * when its value has a newer one.
 */
async function hasValue(
  context: VaultReading,
  ids: readonly string[],
  value: string | undefined,
): Promise<boolean> {
  const stored = await context.store.getMany(ids.map(recordKey));
  const records = stored.map((bytes) => bytes && readRecord(bytes));
  const keys = await openKeys(
    context,
    records.flatMap((record) => record?.holder ?? []),
  );
  return ids.some((id, index) => {
    const record = records[index];
    return record !== undefined && open(id, record, keys.get(record.holder)).value === value;
  });
}

function readRecord(bytes: Uint8Array): TokenRecord | undefined {
  try {
    return decodeRecord(bytes);
  } catch {
    return undefined;
  }
}

function open(
  id: string,
  record: TokenRecord,
  key: HolderKey | undefined,
): { readonly value?: string; readonly problem?: string } {
  if (recordId(record.domain, record.token) !== id) return { problem: 'is not the record of its token' };
  if (key === undefined) return { problem: 'has no data key' };
  if (key.id !== record.keyId) return { problem: 'is sealed by a data key that was destroyed' };
  const value = openRecord(record, key.key);
  return value === undefined ? { problem: 'does not open with its data key' } : { value };
}

import type { Entry, GuardedWrite } from '../../store/store.ts';
import type { VaultContext } from '../context.ts';
import { readEntries } from '../entries.ts';
import { loadHolderKeys, openHolderKey, storedKey } from '../holder/holder-keys.ts';
import { readStoredKey } from '../holder/stored-key.ts';
import { HOLDER_KEYS, lastSegment, RECORDS, REKEYED, REKEYING } from '../places.ts';
import { decodeRecord, openRecord } from '../token/record.ts';
import { isId } from '../token/remove-holder.ts';
import { allEntries, entriesUnder } from '../token/value-index.ts';

export interface Rekeyed {
  readonly dataKeys: number;
  readonly indexed: number;
}

/**
 * Brings the vault to the active key version: data keys are wrapped by it, and values are indexed under it and no
 * longer under older ones. Tokens do not change, so nothing changes in the CRM. Instances go on working meanwhile, and a
 * run that was cut short can be repeated.
 */
export async function rekey(context: VaultContext): Promise<Rekeyed> {
  const { store, keyring, limits } = context;
  const version = keyring.activeVersion;
  // Whoever reads this with an older ring reads the ring before they go on: nothing is found under its keys any more.
  await store.write([{ put: REKEYING, value: Buffer.from(String(version)) }]);
  let dataKeys = 0;
  let indexed = 0;
  for await (const entries of readEntries(store, HOLDER_KEYS, limits.vaultBatchMax)) {
    dataKeys += await rewrap(context, entries);
  }
  for await (const entries of readEntries(store, RECORDS, limits.vaultBatchMax)) {
    indexed += await reindex(context, entries);
  }
  await store.write([{ put: REKEYED, value: Buffer.from(String(version)) }]);
  return { dataKeys, indexed };
}

/** True when nothing of an older version was left at the end of a run, or there never was any. */
export async function isRekeyed({ store, keyring }: VaultContext): Promise<boolean> {
  if (keyring.versions.length === 1) return true;
  const stored = await store.get(REKEYED);
  return stored !== undefined && Buffer.from(stored).toString() === String(keyring.activeVersion);
}

async function rewrap({ store, keyring }: VaultContext, entries: readonly Entry[]): Promise<number> {
  const guarded: GuardedWrite[] = [];
  for (const { key: place, value } of entries) {
    const past = readStoredKey(value);
    if (past.wrapped === undefined || past.wrapped.version === keyring.activeVersion) continue;
    const holder = lastSegment(place);
    const key = await openHolderKey(keyring, holder, value);
    if (key === undefined) continue;
    guarded.push({
      expect: [{ key: place, value }],
      writes: [{ put: place, value: storedKey(keyring, holder, key, past) }],
    });
  }
  const conflicts = guarded.length === 0 ? [] : await store.writeIf(guarded);
  return conflicts.filter((conflict) => conflict === undefined).length;
}

async function reindex({ store, keyring }: VaultContext, entries: readonly Entry[]): Promise<number> {
  const records = entries.map(({ key, value }) => ({
    id: lastSegment(key),
    place: key,
    value,
    record: decodeRecord(value),
  }));
  const keys = await loadHolderKeys(store, keyring, [...new Set(records.map(({ record }) => record.holder))]);
  const wanted = records.flatMap(({ id, place, value: bytes, record }) => {
    const key = keys.get(record.holder);
    const value =
      record.kind === 'random' || key?.id !== record.keyId ? undefined : openRecord(record, key.key);
    if (value === undefined) return [];
    const name = { domain: record.domain, format: record.format, value };
    return [
      {
        id,
        guard: { key: place, value: bytes },
        active: entriesUnder(keyring, keyring.activeVersion, name, id),
        all: allEntries(keyring, name, id),
      },
    ];
  });
  const stored = await store.getMany(wanted.flatMap(({ all }) => all));
  let next = 0;
  const guarded = wanted.flatMap(({ id, guard, active, all }): GuardedWrite[] => {
    const found = new Map(all.map((key) => [key, stored[next++]]));
    // Who has missed two rotations at once may have made a second token for a value: it is found where it was.
    const isTaken = active.some((key) => found.get(key) !== undefined && !isId(found.get(key), id));
    const old = isTaken ? [] : all.filter((key) => !active.includes(key) && isId(found.get(key), id));
    const missing = active.filter((key) => found.get(key) === undefined);
    if (missing.length === 0 && old.length === 0) return [];
    return [
      {
        expect: [guard, ...active.map((key) => ({ key, value: found.get(key) }))],
        writes: [
          ...old.map((key) => ({ delete: key })),
          ...missing.map((key) => ({ put: key, value: Buffer.from(id) })),
        ],
      },
    ];
  });
  const conflicts = guarded.length === 0 ? [] : await store.writeIf(guarded);
  return conflicts.filter((conflict) => conflict === undefined).length;
}

import { PrivetError } from '../errors.ts';
import type { Entry, Write } from '../store/store.ts';
import { checkBackup, readBackup } from './backup-file.ts';
import { unsealKey } from './backup-keys.ts';
import type { BackupSecret } from './backup-secret.ts';
import type { VaultContext } from './context.ts';
import { nextErasure } from './erasure.ts';
import { loadHolderKeys } from './holder-keys.ts';
import {
  GRANTS,
  grantKey,
  HOLDER_KEYS,
  holdingKey,
  lastSegment,
  MARKS,
  markKey,
  RECORDS,
  recordKey,
} from './places.ts';
import { decodeRecord, openRecord, type TokenRecord, withGrants } from './record.ts';
import { checkRing } from './ring-check.ts';
import { newEntries } from './value-index.ts';

export interface BackupFiles {
  readonly records: string;
  readonly keys: string;
}

export interface Restored {
  /** Values sealed for a holder that can be read again. */
  readonly seals: number;
  /** Seals left out because their data keys were destroyed since, or are not in the backup. */
  readonly withoutKey: number;
}

/**
 * Fills an empty vault from a backup. People who were erased since stay erased, as long as the secret is the newest.
 * The keys may be newer than the records. Both parts are checked whole before anything is written; index and holdings
 * are made anew.
 * @throws PrivetError VAULT_UNAVAILABLE when there is a vault already, or a part is not whole, of another ring or of
 * another secret
 */
export async function restore(
  context: VaultContext,
  secret: BackupSecret,
  { records, keys }: BackupFiles,
): Promise<Restored> {
  const { store, keyring, clock, limits } = context;
  for (const range of [RECORDS, HOLDER_KEYS]) {
    if ((await store.page(range, 1)).length > 0) {
      throw new PrivetError(
        'VAULT_UNAVAILABLE',
        'There is a vault in this store: restore into an empty one.',
      );
    }
  }
  await checkBackup(keys, keyring, 'keys');
  await checkBackup(records, keyring, 'records');
  await checkRing(context);
  for await (const entries of readBackup(keys, limits.vaultBatchMax)) {
    const opened = entries.map((entry) =>
      entry.key.startsWith(HOLDER_KEYS.from) ? unsealKey(entry, secret, clock()) : entry,
    );
    // Written with the first keys, so that no process goes on using keys of an earlier vault in this store.
    await store.write([nextErasure(), ...opened.map(({ key, value }) => ({ put: key, value }))]);
  }
  const restored = { seals: 0, withoutKey: 0 };
  for await (const entries of readBackup(records, limits.vaultBatchMax)) {
    const sealed = entries.filter(({ key }) => key.startsWith(RECORDS.from) || key.startsWith(GRANTS.from));
    const seals = await restoreSeals(context, sealed);
    restored.seals += seals;
    restored.withoutKey += sealed.length - seals;
    await restoreMarks(
      context,
      entries.filter(({ key }) => key.startsWith(MARKS.from)),
    );
  }
  return restored;
}

/** Records come before grants in a backup; a grant whose record was left out becomes the record. */
async function restoreSeals({ store, keyring }: VaultContext, entries: readonly Entry[]): Promise<number> {
  const seals = entries.map(({ key, value }) => ({
    id: key.split('/')[2] ?? '',
    record: decodeRecord(value),
  }));
  const keys = await loadHolderKeys(store, keyring, [...new Set(seals.map(({ record }) => record.holder))]);
  const there = await store.getMany(seals.map(({ id }) => recordKey(id)));
  const records = new Map<string, TokenRecord>();
  for (const [index, { id }] of seals.entries()) {
    const bytes = there[index];
    if (bytes !== undefined) records.set(id, decodeRecord(bytes));
  }
  const writes: Write[] = [];
  let restored = 0;
  for (const { id, record } of seals) {
    const key = keys.get(record.holder);
    const value = key?.id === record.keyId ? openRecord(record, key.key) : undefined;
    if (value === undefined) continue;
    restored++;
    const first = records.get(id);
    records.set(id, first === undefined ? withGrants(record, 0) : withGrants(first, first.grants + 1));
    writes.push({ put: holdingKey(record.holder, id), value: Buffer.alloc(0) });
    if (first !== undefined) writes.push({ put: grantKey(id, record.holder), value: record.bytes });
    else if (record.kind !== 'random') {
      const { domain, format } = record;
      const indexed = newEntries(keyring, { domain, format, value }, id);
      writes.push(...indexed.map((place) => ({ put: place, value: Buffer.from(id) })));
    }
  }
  writes.push(...Array.from(records, ([id, { bytes }]) => ({ put: recordKey(id), value: bytes })));
  await store.write(writes);
  return restored;
}

/** Restores the marks of uses under way whose holders still have the record: they are still to be settled. */
async function restoreMarks({ store }: VaultContext, marks: readonly Entry[]): Promise<void> {
  const uses = marks.map(({ key, value }) => {
    const holder = lastSegment(key);
    return { id: lastSegment(key.slice(0, -holder.length - 1)), holder, value };
  });
  const held = await store.getMany(uses.map(({ id, holder }) => holdingKey(holder, id)));
  const writes = uses.flatMap(({ id, holder, value }, index): Write[] =>
    held[index] === undefined ? [] : [{ put: markKey(id, holder), value }],
  );
  if (writes.length > 0) await store.write(writes);
}

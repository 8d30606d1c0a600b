import type { Entry, Write } from '../../store/store.ts';
import type { VaultContext } from '../context.ts';
import { nextErasure } from '../holder/erasure.ts';
import { loadHolderKeys } from '../holder/holder-keys.ts';
import {
  GRANTS,
  grantKey,
  HOLDER_KEYS,
  holdingKey,
  lastSegment,
  MARKS,
  markKey,
  RECORDS,
  RESTORING,
  recordKey,
} from '../places.ts';
import { decodeRecord, openRecord, type TokenRecord, withGrants } from '../token/record.ts';
import { newEntries } from '../token/value-index.ts';
import { checkRing } from '../upkeep/ring-check.ts';
import { vaultName } from '../upkeep/same-vault.ts';
import { checkBackup, readBackup } from './backup-file.ts';
import { looseKeysIn, unsealKey } from './backup-keys.ts';
import type { BackupSecret, DataKeyName } from './backup-secret.ts';
import { requireRoomFor, restoringMark } from './restoring.ts';

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
 * Fills an empty vault from a backup, or goes on with a restore that was cut short. People who were erased since stay
 * erased, as long as the secret is the newest. The keys may be newer than the records. Both parts are checked whole
 * before anything is written; index and holdings are built again.
 * @throws PrivetError VAULT_UNAVAILABLE when there is a vault already, or a part is not whole, of another ring or of
 * another secret
 */
export async function restore(
  context: VaultContext,
  secret: BackupSecret,
  { records, keys }: BackupFiles,
): Promise<Restored> {
  const { store, keyring, clock, limits } = context;
  await checkBackup(keys, keyring, 'keys');
  const backup = await checkBackup(records, keyring, 'records');
  await requireRoomFor(store, backup);
  await checkRing(context);
  const loose: DataKeyName[] = [];
  for await (const entries of readBackup(keys, limits.vaultBatchMax)) {
    const opened = entries.flatMap(
      (entry) => (entry.key.startsWith(HOLDER_KEYS.from) ? unsealKey(entry, secret, clock()) : entry) ?? [],
    );
    loose.push(...looseKeysIn(opened, secret));
    // Written with the first keys, so that no process goes on using keys of an earlier vault in this store.
    await store.write([
      restoringMark(backup),
      nextErasure(),
      ...opened.map(({ key, value }) => ({ put: key, value })),
    ]);
  }
  // From here on, what this vault forgets is closed in backups too.
  const vault = await vaultName(store);
  if (vault !== undefined) await secret.keepLoose(vault, loose);
  const restored = { seals: 0, withoutKey: 0 };
  for await (const entries of readBackup(records, limits.vaultBatchMax)) {
    const sealed = entries.filter(({ key }) => key.startsWith(RECORDS.from) || key.startsWith(GRANTS.from));
    const { seals, withoutKey } = await restoreSeals(context, sealed);
    restored.seals += seals;
    restored.withoutKey += withoutKey;
    await restoreMarks(
      context,
      entries.filter(({ key }) => key.startsWith(MARKS.from)),
    );
  }
  await store.write([{ delete: RESTORING }]);
  return restored;
}

/**
 * Of the seals of one token the first that can be opened becomes the record, whatever it was in the backup, and the
 * others become grants. A holder may stand in it twice: with a grant, and with the record that it became while the
 * backup was taken.
 */
async function restoreSeals({ store, keyring }: VaultContext, entries: readonly Entry[]): Promise<Restored> {
  const seals = entries.map(({ key, value }) => ({
    id: key.split('/')[2] ?? '',
    record: decodeRecord(value),
  }));
  const keys = await loadHolderKeys(store, keyring, [...new Set(seals.map(({ record }) => record.holder))]);
  const holdings = seals.map(({ id, record }) => holdingKey(record.holder, id));
  const there = await store.getMany([...seals.map(({ id }) => recordKey(id)), ...holdings]);
  const held = new Set(holdings.filter((_, index) => there[seals.length + index] !== undefined));
  const records = new Map<string, TokenRecord>();
  for (const [index, { id }] of seals.entries()) {
    const bytes = there[index];
    if (bytes !== undefined) records.set(id, decodeRecord(bytes));
  }
  const writes: Write[] = [];
  const restored = { seals: 0, withoutKey: 0 };
  for (const [index, { id, record }] of seals.entries()) {
    const key = keys.get(record.holder);
    const value = key?.id === record.keyId ? openRecord(record, key.key) : undefined;
    const holding = holdings[index];
    if (value === undefined || holding === undefined) restored.withoutKey++;
    if (value === undefined || holding === undefined || held.has(holding)) continue;
    held.add(holding);
    restored.seals++;
    const first = records.get(id);
    records.set(id, first === undefined ? withGrants(record, 0) : withGrants(first, first.grants + 1));
    writes.push({ put: holding, value: Buffer.alloc(0) });
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

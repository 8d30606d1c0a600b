import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entry, KeyRange } from '../../store/store.ts';
import type { VaultReading } from '../context.ts';
import { readEntries } from '../entries.ts';
import { isProvisional, provisionalSince } from '../holder/holder.ts';
import { syncFolder } from '../keys/private-file.ts';
import { BONDS, CLAIMS, GRANTS, HOLDER_KEYS, lastSegment, MARKS, RECORDS, RESULTS } from '../places.ts';
import { decodeMark } from '../token/mark.ts';
import { boundAt } from '../token/repeated.ts';
import { vaultName } from '../upkeep/same-vault.ts';
import { type BackupPart, writeBackup } from './backup-file.ts';
import { dataKeyIn, destroyErased, looseKeysIn, sealKey } from './backup-keys.ts';
import type { BackupSecret, DataKeyName } from './backup-secret.ts';

/** The files of a backup within its directory. */
export function backupFile(directory: string, part: BackupPart): string {
  return join(directory, `${part}.jsonl`);
}

export interface BackedUp {
  readonly records: number;
  readonly keys: number;
}

/**
 * Writes a backup in two parts: `records.jsonl` holds sealed values, `keys.jsonl` the wrapped data keys, sealed once
 * more by the backup secret, out of which erased people are destroyed. Neither has an index: it would let whoever holds
 * the ring try out values, also of people who were erased.
 *
 * Goes on while others write. Keys are read after the records, so that every record has its key.
 * @throws when there is a backup in the directory already
 */
export async function backUp(
  context: VaultReading,
  secret: BackupSecret,
  directory: string,
): Promise<BackedUp> {
  const { keyring, clock } = context;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await destroyErased(context, secret);
  const created = new Date(clock()).toISOString();
  const write = (part: BackupPart, pages: AsyncIterable<readonly Entry[]>) =>
    writeBackup(backupFile(directory, part), keyring, { part, created }, pages);
  const records = await write('records', recordPages(context));
  const keys = await write('keys', keyPages(context, secret)).catch(async (error: unknown) => {
    await rm(backupFile(directory, 'records'));
    throw error;
  });
  syncFolder(directory);
  return { records, keys };
}

/** Grants before records: where a record loses its first holder meanwhile, a grant becomes the record. */
async function* recordPages({ store, limits }: VaultReading): AsyncGenerator<readonly Entry[]> {
  for (const range of [GRANTS, RECORDS, MARKS]) yield* readEntries(store, range, limits.vaultBatchMax);
}

/** The bonds of provisional data subjects are kept with the keys: erasure needs both. */
async function* keyPages(context: VaultReading, secret: BackupSecret): AsyncGenerator<readonly Entry[]> {
  const { store, limits } = context;
  const isNew = newcomers(context);
  await keepLoose(context, secret, isNew);
  for await (const keys of readEntries(store, HOLDER_KEYS, limits.vaultBatchMax)) {
    // Who has come since has no loose key, and had nothing when the backup began.
    const loose = new Set(looseKeysIn(keys, secret).map(({ holder }) => holder));
    yield keys
      .filter(({ key }) => loose.has(lastSegment(key)) || !isNew(lastSegment(key)))
      .map((key) => sealKey(key, secret));
  }
  for (const range of [BONDS, CLAIMS, RESULTS]) yield* readEntries(store, range, limits.vaultBatchMax);
}

/** Whether a holder is provisional and so new that its write, or the noting of whose it is, may be under way. */
function newcomers({ clock, limits }: VaultReading): (holder: string) => boolean {
  const since = clock() - limits.vaultPendingMs;
  return (holder) => isProvisional(holder) && provisionalSince(holder) > since;
}

/**
 * Gives loose keys to provisional holders that the vault may yet forget: of whose writes the outcome is not known, or
 * was noted just now. No erasure of the person that they turn out to be would find them any more.
 */
async function keepLoose(
  context: VaultReading,
  secret: BackupSecret,
  isNew: (holder: string) => boolean,
): Promise<void> {
  const { store, limits } = context;
  const vault = await vaultName(store);
  if (vault === undefined) return;
  const open = await openHolders(context);
  const names: DataKeyName[] = [];
  for await (const keys of readEntries(store, HOLDER_KEYS, limits.vaultBatchMax)) {
    for (const entry of keys) {
      const holder = lastSegment(entry.key);
      const name = isNew(holder) || open.has(holder) ? dataKeyIn(entry) : undefined;
      if (name !== undefined) names.push(name);
    }
  }
  await secret.keepLoose(vault, names);
}

/** Provisional holders that wait for the results of an upload, were refused, or bound a moment ago. */
async function openHolders({ store, clock, limits }: VaultReading): Promise<ReadonlySet<string>> {
  const open = new Set<string>();
  const since = clock() - limits.vaultPendingMs;
  const isOpen: readonly (readonly [KeyRange, (entry: Entry) => boolean])[] = [
    [CLAIMS, () => true],
    [MARKS, ({ value }) => decodeMark(value).state === 'refused'],
    [BONDS, ({ value }) => boundAt(value) > since],
  ];
  for (const [range, isAmong] of isOpen) {
    for await (const entries of readEntries(store, range, limits.vaultBatchMax)) {
      for (const entry of entries.filter(isAmong)) open.add(lastSegment(entry.key));
    }
  }
  return new Set([...open].filter(isProvisional));
}

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entry } from '../../store/store.ts';
import type { VaultReading } from '../context.ts';
import { readEntries } from '../entries.ts';
import { isProvisional } from '../holder/holder.ts';
import { syncFolder } from '../keys/private-file.ts';
import {
  BONDS,
  CLAIMS,
  GRANTS,
  HOLDER_KEYS,
  holdingsOf,
  lastSegment,
  MARKS,
  RECORDS,
  RESULTS,
} from '../places.ts';
import { decodeMark } from '../token/mark.ts';
import { type BackupPart, writeBackup } from './backup-file.ts';
import { destroyErased, sealKey } from './backup-keys.ts';
import type { BackupSecret } from './backup-secret.ts';

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
  const keys = await write('keys', keyPages(context, secret));
  syncFolder(directory);
  return { records, keys };
}

/** Grants before records: where a record loses its first holder meanwhile, a grant becomes the record. */
async function* recordPages({ store, limits }: VaultReading): AsyncGenerator<readonly Entry[]> {
  for (const range of [GRANTS, RECORDS, MARKS]) yield* readEntries(store, range, limits.vaultBatchMax);
}

/** The bonds of provisional data subjects are kept with the keys: erasure needs both. */
async function* keyPages(
  { store, limits }: VaultReading,
  secret: BackupSecret,
): AsyncGenerator<readonly Entry[]> {
  const refused = await refusedHolders({ store, limits });
  for await (const keys of readEntries(store, HOLDER_KEYS, limits.vaultBatchMax)) {
    yield keys.filter(({ key }) => !refused.has(lastSegment(key))).map((key) => sealKey(key, secret));
  }
  for (const range of [BONDS, CLAIMS, RESULTS]) yield* readEntries(store, range, limits.vaultBatchMax);
}

/**
 * Provisional holders of whom the CRM has refused everything: nobody learns who they were, so in a backup no erasure
 * would reach what they tried to write.
 */
async function refusedHolders({
  store,
  limits,
}: Pick<VaultReading, 'store' | 'limits'>): Promise<ReadonlySet<string>> {
  const counts = new Map<string, number>();
  for await (const marks of readEntries(store, MARKS, limits.vaultBatchMax)) {
    for (const { key, value } of marks) {
      const holder = lastSegment(key);
      if (!isProvisional(holder) || decodeMark(value).state !== 'refused') continue;
      counts.set(holder, (counts.get(holder) ?? 0) + 1);
    }
  }
  const refused = new Set<string>();
  for (const [holder, count] of counts) {
    if ((await store.page(holdingsOf(holder), count + 1)).length === count) refused.add(holder);
  }
  return refused;
}

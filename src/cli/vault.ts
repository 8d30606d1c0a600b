import { openAdapters } from '../app/adapters.ts';
import { ringPlace } from '../app/keyring.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { createAuditPseudonym } from '../enforce/audit-pseudonym.ts';
import { dataSubjectId } from '../enforce/people/data-subject-id.ts';
import { backUp, backupFile } from '../vault/backup/backup.ts';
import { destroyErased } from '../vault/backup/backup-keys.ts';
import {
  backupSecretPath,
  ensureBackupSecret,
  findBackupSecret,
  openBackupSecret,
} from '../vault/backup/backup-secret.ts';
import { restore } from '../vault/backup/restore.ts';
import { requireWholeVault } from '../vault/backup/restoring.ts';
import type { VaultReading } from '../vault/context.ts';
import { type KeyringLocation, openKeyring } from '../vault/keys/keyring.ts';
import { erase } from '../vault/upkeep/erase.ts';
import { compareRing } from '../vault/upkeep/ring-check.ts';
import { vaultStats } from '../vault/upkeep/stats.ts';
import { verifyVault } from '../vault/upkeep/verify.ts';
import type { ExitCode } from './exit-code.ts';
import { digestOf, onRecord } from './on-record.ts';
import { openVaultStore, readVaultStore } from './vault-store.ts';
import { withConfig } from './with-config.ts';

interface VaultOptions {
  readonly config: string;
}

export interface BackupOptions extends VaultOptions {
  readonly to: string;
}

export interface EraseOptions extends VaultOptions {
  readonly upstream: string;
  readonly object: string;
  readonly id: string;
}

export interface RestoreOptions extends VaultOptions {
  readonly from: string;
  readonly keys?: string;
}

/** `privet vault stats`: how much there is of what, as JSON. */
export function showVaultStats(options: VaultOptions): Promise<ExitCode> {
  return reading(options, async (context) => {
    process.stdout.write(`${JSON.stringify(await vaultStats(context), null, 2)}\n`);
    return 0;
  });
}

/** `privet vault verify`: exit status 1 when anything does not open or agree, naming where. */
export function verify(options: VaultOptions): Promise<ExitCode> {
  return reading(options, async (context) => {
    let problems = 0;
    const counts = await verifyVault(context, (problem) => {
      problems++;
      process.stdout.write(`${problem}\n`);
    });
    process.stdout.write(`${JSON.stringify({ ...counts, problems })}\n`);
    process.stdout.write(problems === 0 ? 'the vault holds\n' : 'the vault is damaged\n');
    return problems === 0 ? 0 : 1;
  });
}

/**
 * `privet vault backup`: two files that erasure reaches, as long as the backup secret beside the ring is kept up to
 * date.
 */
export function backup(options: BackupOptions): Promise<ExitCode> {
  return reading(options, (context, place, config) =>
    onRecord(config, { name: 'vault backup' }, async () => {
      const secret = await ensureBackupSecret(place);
      const { records, keys } = await backUp(context, secret, options.to);
      const files = (['records', 'keys'] as const).map((kind) => backupFile(options.to, kind));
      for (const [index, entries] of [records, keys].entries())
        process.stdout.write(`${files[index]}: ${entries} entries\n`);
      process.stdout.write(
        `${backupSecretPath(place)}: opens every backup. Keep its newest copy alone, apart from the backups: who is erased stays readable by an older one.\n`,
      );
      return { exitCode: 0, counts: { records, keys }, files: await Promise.all(files.map(digestOf)) };
    }),
  );
}

/** `privet vault restore`: into an empty store; `--keys` names keys newer than those of the backup. */
export function restoreVault(options: RestoreOptions): Promise<ExitCode> {
  return withConfig(options.config, async (config) => {
    const place = ringPlace(config);
    const keyring = await openKeyring(place);
    const secret = await openBackupSecret(place);
    const store = await openVaultStore(config);
    try {
      const files = {
        records: backupFile(options.from, 'records'),
        keys: options.keys ?? backupFile(options.from, 'keys'),
      };
      const context = { store, keyring, clock: systemClock, limits: config.limits };
      const digests = await Promise.all([files.records, files.keys].map(digestOf));
      return await onRecord(config, { name: 'vault restore', files: digests }, async () => {
        const { seals, withoutKey } = await restore(context, secret, files);
        process.stdout.write(
          `${seals} sealed values restored, ${withoutKey} left out: their data keys are gone\n`,
        );
        return { exitCode: 0, counts: { seals, withoutKey } };
      });
    } finally {
      await store.close();
    }
  });
}

/** `privet vault erase`: destroys the data keys of the person that a record is about, here and for every backup. */
export function eraseDataSubject({ upstream, object, id, ...options }: EraseOptions): Promise<ExitCode> {
  return withConfig(options.config, async (config) => {
    const adapter = openAdapters(config).adapters.get(upstream);
    if (adapter === undefined) throw new Error(`There is no upstream ${upstream}.`);
    const canonical = adapter.object(object);
    if (canonical === undefined) throw new Error(`${upstream} can have no object ${object}.`);
    const place = ringPlace(config);
    const keyring = await openKeyring(place);
    const secret = await findBackupSecret(place);
    const store = await openVaultStore(config);
    try {
      const context = { store, keyring, clock: systemClock, limits: config.limits };
      await compareRing(context);
      await requireWholeVault(store);
      const pseudonym = createAuditPseudonym(keyring);
      const person = pseudonym(canonical, adapter.globalId?.(id) ?? id);
      return await onRecord(config, { name: 'vault erase', dataSubjects: [person] }, async () => {
        const { tokens } = await erase(context, { id: dataSubjectId(adapter, upstream, canonical, id) });
        if (secret !== undefined) await destroyErased(context, secret);
        process.stdout.write(
          secret === undefined ? erasedHere(tokens, place) : erasedEverywhere(tokens, place),
        );
        process.stdout.write(
          'What this person has agreed and objected to is not in the vault: it stays in the consent registry, under keyed hashes alone. `privet consent erase` takes it out.\n',
        );
        return { exitCode: 0, counts: { tokens } };
      });
    } finally {
      await store.close();
    }
  });
}

function erasedEverywhere(tokens: number, place: KeyringLocation): string {
  return `${tokens} tokens cannot be read any more, nor in any backup that ${backupSecretPath(place)} opens. Copies of it from before still open older ones: replace them.\n`;
}

function erasedHere(tokens: number, place: KeyringLocation): string {
  return `${tokens} tokens cannot be read any more. There is no ${backupSecretPath(place)}: no backup was made from here. Backups that were made elsewhere open until \`privet vault backup\` or \`erase\` is run there.\n`;
}

function reading(
  options: VaultOptions,
  use: (context: VaultReading, place: KeyringLocation, config: Config) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withConfig(options.config, async (config: Config) => {
    const place = ringPlace(config);
    const keyring = await openKeyring(place);
    const store = await readVaultStore(config);
    try {
      const context = { store, keyring, clock: systemClock, limits: config.limits };
      await compareRing(context);
      await requireWholeVault(store);
      return await use(context, place, config);
    } finally {
      await store.close();
    }
  });
}

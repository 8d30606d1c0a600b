import { ringPlace } from '../app.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { openEmbedded, openEmbeddedForReading } from '../store/embedded.ts';
import { openRedis } from '../store/redis.ts';
import { backUp, backupFile } from '../vault/backup.ts';
import type { VaultReading } from '../vault/context.ts';
import { openKeyring } from '../vault/keyring.ts';
import { restore } from '../vault/restore.ts';
import { compareRing } from '../vault/ring-check.ts';
import { vaultStats } from '../vault/stats.ts';
import { verifyVault } from '../vault/verify.ts';
import type { ExitCode } from './exit-code.ts';
import { withConfig } from './with-config.ts';

interface VaultOptions {
  readonly config: string;
}

export interface BackupOptions extends VaultOptions {
  readonly to: string;
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

/** `privet vault backup`: two files, the long-lived records and the keys, of which only the newest may be kept. */
export function backup(options: BackupOptions): Promise<ExitCode> {
  return reading(options, async (context) => {
    const { records, keys } = await backUp(context, options.to);
    process.stdout.write(`${backupFile(options.to, 'records')}: ${records} entries, to be kept\n`);
    process.stdout.write(
      `${backupFile(options.to, 'keys')}: ${keys} entries. Keep the newest alone, apart from the records: who is erased stays readable by an older one.\n`,
    );
    return 0;
  });
}

/** `privet vault restore`: into an empty store; `--keys` names keys newer than those of the backup. */
export function restoreVault(options: RestoreOptions): Promise<ExitCode> {
  return withConfig(options.config, async (config) => {
    const keyring = await openKeyring(ringPlace(config));
    const { redis, embedded } = config.store;
    const store =
      redis === undefined ? openEmbedded(embedded, config.limits) : await openRedis(redis, config.limits);
    try {
      const files = {
        records: backupFile(options.from, 'records'),
        keys: options.keys ?? backupFile(options.from, 'keys'),
      };
      const context = { store, keyring, clock: systemClock, limits: config.limits };
      const { seals, withoutKey } = await restore(context, files);
      process.stdout.write(
        `${seals} sealed values restored, ${withoutKey} left out: their data keys are gone\n`,
      );
      return 0;
    } finally {
      await store.close();
    }
  });
}

function reading(
  options: VaultOptions,
  use: (context: VaultReading) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withConfig(options.config, async (config: Config) => {
    const keyring = await openKeyring(ringPlace(config));
    const { redis, embedded } = config.store;
    const store =
      redis === undefined ? openEmbeddedForReading(embedded) : await openRedis(redis, config.limits);
    try {
      const context = { store, keyring, clock: systemClock, limits: config.limits };
      await compareRing(context);
      return await use(context);
    } finally {
      await store.close();
    }
  });
}

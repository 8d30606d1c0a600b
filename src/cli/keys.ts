import { existsSync } from 'node:fs';
import { ringPlace } from '../app/keyring.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { PrivetError } from '../errors.ts';
import { rewrapBackupSecret } from '../vault/backup/backup-secret.ts';
import { createKekFile, type KekSource } from '../vault/keys/kek.ts';
import { localKeyWrapper } from '../vault/keys/key-wrapper.ts';
import { createKeyring, openKeyring, rewrapKeyring, rotateKeyring } from '../vault/keys/keyring.ts';
import { openVault } from '../vault/vault.ts';
import type { ExitCode } from './exit-code.ts';
import { onRecord } from './on-record.ts';
import { openVaultStore } from './vault-store.ts';
import { withConfig } from './with-config.ts';

interface KeysOptions {
  readonly config: string;
}

/**
 * `privet keys init`: a ring with its first key; where the key-encryption key is to be in a file that is not there,
 * that too.
 */
export function keysInit(options: KeysOptions): Promise<ExitCode> {
  return withConfig(options.config, async (config) => {
    const { kek, ...place } = ringPlace(config);
    if (existsSync(place.ring))
      throw new PrivetError('KEYRING_UNUSABLE', `The keyring ${place.ring} exists already.`);
    return onRecord(config, { name: 'keys init' }, async () => {
      if ('file' in kek && !existsSync(kek.file)) {
        createKekFile(kek.file);
        process.stdout.write(`${kek.file}: a new key-encryption key\n`);
      }
      await createKeyring(place);
      process.stdout.write(`${place.ring}: a new keyring. Back up both, apart from each other.\n`);
      return { exitCode: 0 };
    });
  });
}

/** `privet keys list`: versions and dates. */
export function keysList(options: KeysOptions): Promise<ExitCode> {
  return withConfig(options.config, async (config) => {
    const { activeVersion, versions } = await openKeyring(ringPlace(config));
    for (const { version, created } of versions) {
      process.stdout.write(`${version}  ${created}${version === activeVersion ? '  active' : ''}\n`);
    }
    return 0;
  });
}

/** `privet keys rotate`: a new key for what is made from now on. */
export function keysRotate(options: KeysOptions): Promise<ExitCode> {
  return withConfig(options.config, (config) =>
    onRecord(config, { name: 'keys rotate' }, async () => {
      const version = await rotateKeyring(ringPlace(config));
      const { vaultHousekeepingMs } = config.limits;
      const then =
        config.store.redis === undefined ? 'bring the vault along' : 'read it; then run `privet keys rewrap`';
      process.stdout.write(
        `version ${version} is active. Within ${vaultHousekeepingMs / 1000} s running instances ${then}.\n`,
      );
      return { exitCode: 0, counts: { version } };
    }),
  );
}

export interface RewrapOptions extends KeysOptions {
  readonly newKekFile?: string;
  readonly newKekEnv?: string;
}

/**
 * `privet keys rewrap`: brings the vault's data keys and index to the active version; with another key-encryption key,
 * wraps the ring by that one instead.
 */
export function keysRewrap(options: RewrapOptions): Promise<ExitCode> {
  return withConfig(options.config, async (config) => {
    const newKek = newKekOf(options);
    if (newKek === undefined) return rewrapVault(config);
    const place = ringPlace(config);
    return onRecord(config, { name: 'keys rewrap' }, async () => {
      await rewrapBackupSecret(place, localKeyWrapper(newKek));
      await rewrapKeyring(place, localKeyWrapper(newKek));
      process.stdout.write(
        `${place.ring}: opens with the new key-encryption key alone. Change keys.kek accordingly.\n`,
      );
      return { exitCode: 0 };
    });
  });
}

function newKekOf({ newKekFile, newKekEnv }: RewrapOptions): KekSource | undefined {
  if (newKekFile !== undefined) return { file: newKekFile };
  return newKekEnv === undefined ? undefined : { env: newKekEnv };
}

async function rewrapVault(config: Config): Promise<ExitCode> {
  const { limits } = config;
  const keyring = await openKeyring(ringPlace(config));
  const store = await openVaultStore(config);
  try {
    const vault = await openVault({ store, keyring, clock: systemClock, limits });
    return await onRecord(config, { name: 'keys rewrap' }, async () => {
      const { dataKeys, indexed } = await vault.rekey();
      const version = keyring.activeVersion;
      process.stdout.write(
        `version ${version}: ${dataKeys} data keys wrapped anew, ${indexed} values indexed anew\n`,
      );
      return { exitCode: 0, counts: { version, dataKeys, indexed } };
    });
  } finally {
    await store.close();
  }
}

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { KEY_BYTES } from '../keys/kek.ts';
import type { KeyWrapper } from '../keys/key-wrapper.ts';
import type { KeyringLocation } from '../keys/keyring.ts';
import { changeRing } from '../keys/ring-lock.ts';
import { keyOfName, newPuncturable, puncture } from './puncturable.ts';
import { type LooseKey, readSecret, type SecretContent, wipeSecret, writeSecret } from './secret-file.ts';

/** One data key of a holder. */
export interface DataKeyName {
  readonly holder: string;
  readonly id: string;
}

/**
 * The secret by which data keys are sealed in backups. It lies beside the ring, never in a backup. It is punctured for
 * every data key that is destroyed: then no backup, whenever it was taken, gives that key any more, and all others as
 * before.
 *
 * Data keys of people whose id is not known yet get a loose key each, since there are many whose end nobody notes: when
 * they turn out to be somebody who has all of it already, or the CRM refuses the write, the vault forgets them. A loose
 * key is simply taken out, which makes the secret smaller.
 */
export interface BackupSecret {
  /** 32 bytes, to be wiped after use; undefined when the data key was destroyed. */
  readonly keyFor: (name: DataKeyName) => Buffer | undefined;
  /** The same by its loose key; undefined when it has none, or none any more. */
  readonly looseKeyFor: (name: DataKeyName) => Buffer | undefined;
  /** The data keys of a vault that have loose keys. @param vault its name */
  readonly loose: (vault: string) => readonly DataKeyName[];
  /** Gives loose keys to those that have none, and notes that this vault has the data keys. Durable once it resolves. */
  readonly keepLoose: (vault: string, names: readonly DataKeyName[]) => Promise<void>;
  /** Takes loose keys out. Durable once it resolves. */
  readonly dropLoose: (names: readonly DataKeyName[]) => Promise<void>;
  /** Durable once it resolves. */
  readonly destroy: (names: readonly DataKeyName[]) => Promise<void>;
}

/**
 * So many fit into about 150 MB. Of more, the oldest go, and backups from then no longer give what was nobody's yet:
 * newer ones do.
 */
const LOOSE_MAX = 1_000_000;

/** Where the secret that belongs to a ring is. */
export function backupSecretPath({ ring }: Pick<KeyringLocation, 'ring'>): string {
  return `${ring}.backup-secret`;
}

/** @throws PrivetError KEYRING_UNUSABLE when it is missing, was changed, or the key-encryption key does not open it */
export async function openBackupSecret(place: KeyringLocation): Promise<BackupSecret> {
  const path = backupSecretPath(place);
  let secret = await readSecret(path, place.wrapper);
  /** @param changed gives the same secret when there is nothing to change */
  async function change(changed: (secret: SecretContent) => SecretContent): Promise<void> {
    if (changed(secret) === secret) return;
    const before = secret;
    await changeRing(place.ring, async () => {
      // What others have changed since is changed here too.
      const now = await readSecret(path, place.wrapper);
      secret = changed(now);
      if (secret !== now) await writeSecret(path, secret, place.wrapper);
      wipeSecret(now, secret);
    });
    wipeSecret(before, secret);
  }
  return {
    keyFor: (name) => keyOfName(secret.tree, nameOf(name)),
    looseKeyFor: (name) => {
      const own = secret.loose.get(nameOf(name));
      return own && Buffer.from(own.key);
    },
    loose: (vault) =>
      Array.from(secret.loose).flatMap(([name, { vaults }]) =>
        vaults.includes(vault) ? [dataKeyNamed(name)] : [],
      ),
    keepLoose: (vault, names) => change((now) => withLoose(now, vault, names)),
    dropLoose: (names) => change((now) => withoutLoose(now, names)),
    destroy: (names) => change((now) => without(now, names)),
  };
}

function withoutLoose(secret: SecretContent, names: readonly DataKeyName[]): SecretContent {
  const gone = new Set(names.map(nameOf).filter((name) => secret.loose.has(name)));
  if (gone.size === 0) return secret;
  return { ...secret, loose: new Map([...secret.loose].filter(([name]) => !gone.has(name))) };
}

function without(secret: SecretContent, names: readonly DataKeyName[]): SecretContent {
  const { tree, loose } = withoutLoose(secret, names);
  const punctured = names.reduce((before, name) => puncture(before, nameOf(name)), tree);
  return punctured === secret.tree && loose === secret.loose ? secret : { tree: punctured, loose };
}

function withLoose(secret: SecretContent, vault: string, names: readonly DataKeyName[]): SecretContent {
  const missing = names.filter((name) => secret.loose.get(nameOf(name))?.vaults.includes(vault) !== true);
  if (missing.length === 0) return secret;
  const loose = new Map<string, LooseKey>(secret.loose);
  for (const name of missing.map(nameOf)) {
    const { key, vaults } = loose.get(name) ?? { key: randomBytes(KEY_BYTES), vaults: [] };
    loose.delete(name);
    loose.set(name, { key, vaults: [...vaults, vault] });
  }
  const over = loose.size - Math.max(LOOSE_MAX, names.length);
  return { ...secret, loose: over > 0 ? new Map([...loose].slice(over)) : loose };
}

/** The same; undefined if no backup was ever made with this ring file. */
export async function findBackupSecret(place: KeyringLocation): Promise<BackupSecret | undefined> {
  return existsSync(backupSecretPath(place)) ? openBackupSecret(place) : undefined;
}

/** The same, made if there is none yet: then no backup was taken that could be lost by it. */
export async function ensureBackupSecret(place: KeyringLocation): Promise<BackupSecret> {
  const path = backupSecretPath(place);
  if (!existsSync(path)) {
    await changeRing(place.ring, async () => {
      const fresh = { tree: newPuncturable(randomBytes(KEY_BYTES)), loose: new Map<string, LooseKey>() };
      if (!existsSync(path)) await writeSecret(path, fresh, place.wrapper);
    });
  }
  return openBackupSecret(place);
}

/**
 * Wraps the secret, if there is one, by another key-encryption key. Done before the ring is rewrapped, so that a run
 * that was cut short can be repeated.
 */
export async function rewrapBackupSecret(place: KeyringLocation, newWrapper: KeyWrapper): Promise<void> {
  const path = backupSecretPath(place);
  if (!existsSync(path)) return;
  await changeRing(place.ring, async () =>
    writeSecret(path, await readByEither(path, place.wrapper, newWrapper), newWrapper),
  );
}

async function readByEither(path: string, first: KeyWrapper, second: KeyWrapper): Promise<SecretContent> {
  try {
    return await readSecret(path, first);
  } catch {
    return readSecret(path, second);
  }
}

function nameOf({ holder, id }: DataKeyName): string {
  return `${holder}/${id}`;
}

function dataKeyNamed(name: string): DataKeyName {
  const [holder = '', id = ''] = name.split('/');
  return { holder, id };
}

import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { PrivetError } from '../../errors.ts';
import { KEY_BYTES } from '../keys/kek.ts';
import type { KeyWrapper } from '../keys/key-wrapper.ts';
import type { KeyringLocation } from '../keys/keyring.ts';
import { writePrivateFile } from '../keys/private-file.ts';
import { changeRing } from '../keys/ring-lock.ts';
import { seal, unseal } from '../keys/sealed.ts';
import { keyOfName, newPuncturable, type PuncturableSecret, puncture } from './puncturable.ts';

/** One data key of a holder. */
export interface DataKeyName {
  readonly holder: string;
  readonly id: string;
}

/**
 * The secret by which data keys are sealed in backups. It lies beside the ring, never in a backup. It is punctured for
 * every data key that is destroyed: then no backup, whenever it was taken, gives that key any more, and all others as
 * before.
 */
export interface BackupSecret {
  /** 32 bytes, to be wiped after use; undefined when the data key was destroyed. */
  readonly keyFor: (name: DataKeyName) => Buffer | undefined;
  /** Durable once it resolves. */
  readonly destroy: (names: readonly DataKeyName[]) => Promise<void>;
}

const FORMAT = 'privet-backup-secret-1';
const BOUND_TO = [FORMAT] as const;

/** Where the secret that belongs to a ring is. */
export function backupSecretPath({ ring }: Pick<KeyringLocation, 'ring'>): string {
  return `${ring}.backup-secret`;
}

/** @throws PrivetError KEYRING_UNUSABLE when it is missing, was changed, or the key-encryption key does not open it */
export async function openBackupSecret(place: KeyringLocation): Promise<BackupSecret> {
  const path = backupSecretPath(place);
  let secret = await read(path, place.wrapper);
  return {
    keyFor: (name) => keyOfName(secret, nameOf(name)),
    destroy: async (names) => {
      if (punctured(secret, names) === secret) return;
      const before = secret;
      await changeRing(place.ring, async () => {
        // What others have destroyed since is destroyed here too.
        const now = await read(path, place.wrapper);
        secret = punctured(now, names);
        if (secret !== now) await write(path, secret, place.wrapper);
        wipe(now, secret);
      });
      wipe(before, secret);
    },
  };
}

function punctured(secret: PuncturableSecret, names: readonly DataKeyName[]): PuncturableSecret {
  return names.reduce((before, name) => puncture(before, nameOf(name)), secret);
}

/** Wipes the keys of a secret that are not left in another. */
function wipe(secret: PuncturableSecret, left: PuncturableSecret): void {
  for (const [way, key] of secret) if (left.get(way) !== key) key.fill(0);
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
      if (!existsSync(path)) await write(path, newPuncturable(randomBytes(KEY_BYTES)), place.wrapper);
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
    write(path, await readByEither(path, place.wrapper, newWrapper), newWrapper),
  );
}

async function readByEither(path: string, first: KeyWrapper, second: KeyWrapper): Promise<PuncturableSecret> {
  try {
    return await read(path, first);
  } catch {
    return read(path, second);
  }
}

function nameOf({ holder, id }: DataKeyName): string {
  return `${holder}/${id}`;
}

async function write(path: string, secret: PuncturableSecret, wrapper: KeyWrapper): Promise<void> {
  // The secret grows with every puncture, and a key management service wraps only a few kilobytes, so it has a key of
  // its own that is wrapped.
  const own = randomBytes(KEY_BYTES);
  const plain = Buffer.from(
    JSON.stringify(Array.from(secret, ([way, key]) => [way, key.toString('base64')])),
  );
  const wrapped = (await wrapper.wrap(own, BOUND_TO)).toString('base64');
  const sealed = seal(own, plain, BOUND_TO).toString('base64');
  own.fill(0);
  plain.fill(0);
  writePrivateFile(path, `${JSON.stringify({ format: FORMAT, wrapped, sealed })}\n`);
}

async function read(path: string, wrapper: KeyWrapper): Promise<PuncturableSecret> {
  const { wrapped, sealed } = parse(path);
  const own = await wrapper.unwrap(Buffer.from(wrapped, 'base64'), BOUND_TO);
  const plain = unseal(own, Buffer.from(sealed, 'base64'), BOUND_TO);
  own.fill(0);
  if (plain === undefined)
    throw new PrivetError('KEYRING_UNUSABLE', `The backup secret ${path} was changed.`);
  // Written by this file alone, and authenticated.
  const nodes = JSON.parse(plain.toString()) as readonly (readonly [path: string, key: string])[];
  plain.fill(0);
  return new Map(nodes.map(([way, key]) => [way, Buffer.from(key, 'base64')]));
}

function parse(path: string): { readonly wrapped: string; readonly sealed: string } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new PrivetError('KEYRING_UNUSABLE', `The backup secret ${path} cannot be read.`, { cause });
  }
  try {
    const { format, wrapped, sealed } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    if (format === FORMAT && typeof wrapped === 'string' && typeof sealed === 'string')
      return { wrapped, sealed };
  } catch {
    // Said below.
  }
  throw new PrivetError('KEYRING_UNUSABLE', `The file ${path} is no backup secret.`);
}

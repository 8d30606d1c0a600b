import { hkdfSync } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type Clock, systemClock } from '../../clock.ts';
import { PrivetError } from '../../errors.ts';
import { KEY_BYTES } from './kek.ts';
import type { KeyWrapper } from './key-wrapper.ts';
import { newRingKey, type Ring, readRing, wipeRing, writeRing } from './ring-file.ts';
import { changeRing } from './ring-lock.ts';
import { createTextHmac, type TextHmac } from './text-hmac.ts';

/**
 * The version that every ring begins with and keeps. What must stay the same for ever (pseudonyms in the audit trail,
 * hashes that people compare) is derived from it, whatever version is active.
 */
export const FIRST_VERSION = 1;

/** Keys by version. The ring's own keys are never used directly: each purpose has a key derived for it. */
export interface Keyring {
  /** Version that new values are made with. */
  readonly activeVersion: number;
  /** Every version, oldest first, with the time it was made (RFC 3339). */
  readonly versions: readonly { readonly version: number; readonly created: string }[];
  /**
   * 32 bytes for one purpose by HKDF-SHA256 (RFC 5869): knowing one purpose's key says nothing about another's. The
   * same purpose and version give the same key for ever.
   * @param version the active one when left out
   * @throws PrivetError KEYRING_UNUSABLE when the ring has no such version
   */
  readonly derive: (purpose: string, version?: number) => Buffer;
  /** HMAC-SHA256 under the same key. */
  readonly hmac: (purpose: string, version: number) => TextHmac;
  /**
   * Reads the ring again, after it was rotated elsewhere. Keys it already had stay; when it cannot be read, so does
   * everything.
   * @throws PrivetError KEYRING_UNUSABLE
   */
  readonly reload: () => Promise<void>;
}

/** Where a ring is, and who holds the key-encryption key that opens it. */
export interface KeyringLocation {
  readonly ring: string;
  readonly wrapper: KeyWrapper;
}

/** @throws PrivetError KEYRING_UNUSABLE when the ring cannot be read or the key does not open it */
export async function openKeyring({ ring: path, wrapper }: KeyringLocation): Promise<Keyring> {
  let ring = await readRing(path, wrapper);
  let versions = versionsOf(ring);
  const derived = new Map<string, Buffer>();
  function derive(purpose: string, version = ring.active): Buffer {
    const name = `${version}:${purpose}`;
    const known = derived.get(name);
    if (known !== undefined) return known;
    const key = ring.keys.find((candidate) => candidate.version === version)?.key;
    if (key === undefined) {
      throw new PrivetError('KEYRING_UNUSABLE', `The keyring has no key of version ${version}.`);
    }
    const result = Buffer.from(hkdfSync('sha256', key, '', `privet:${purpose}`, KEY_BYTES));
    derived.set(name, result);
    return result;
  }
  const hmac = kept((purpose, version) => createTextHmac(derive(purpose, version)));
  return {
    get activeVersion() {
      return ring.active;
    },
    get versions() {
      return versions;
    },
    derive,
    hmac,
    reload: async () => {
      const read = await readRing(path, wrapper);
      if (!ring.keys.every((old) => read.keys.some((key) => isSameKey(old, key)))) {
        wipeRing(read);
        throw new PrivetError('KEYRING_UNUSABLE', `The keyring ${path} is another one than before.`);
      }
      wipeRing(ring);
      ring = read;
      versions = versionsOf(ring);
    },
  };
}

/** Made once for each purpose and version. */
function kept<Made>(
  make: (purpose: string, version: number) => Made,
): (purpose: string, version: number) => Made {
  const byPurpose = new Map<string, Map<number, Made>>();
  return (purpose, version) => {
    let own = byPurpose.get(purpose);
    if (own === undefined) {
      own = new Map();
      byPurpose.set(purpose, own);
    }
    let made = own.get(version);
    if (made === undefined) {
      made = make(purpose, version);
      own.set(version, made);
    }
    return made;
  };
}

function versionsOf({ keys }: Ring): Keyring['versions'] {
  return keys.map(({ version, created }) => ({ version, created }));
}

function isSameKey(a: Ring['keys'][number], b: Ring['keys'][number]): boolean {
  return a.version === b.version && a.key.equals(b.key);
}

/** Makes a ring with one key. @throws PrivetError KEYRING_UNUSABLE when the file exists: a ring is never overwritten */
export async function createKeyring(
  { ring: path, wrapper }: KeyringLocation,
  clock: Clock = systemClock,
): Promise<void> {
  if (existsSync(path)) throw new PrivetError('KEYRING_UNUSABLE', `The keyring ${path} exists already.`);
  const ring = { active: FIRST_VERSION, keys: [newRingKey(FIRST_VERSION, clock())] };
  await writeRing(path, ring, wrapper);
  wipeRing(ring);
}

/** Adds a key and makes it the active one; what older keys made stays readable. @returns the new version */
export function rotateKeyring(
  { ring: path, wrapper }: KeyringLocation,
  clock: Clock = systemClock,
): Promise<number> {
  return changeRing(path, async () => {
    const { keys } = await readRing(path, wrapper);
    const version = Math.max(...keys.map((key) => key.version)) + 1;
    const rotated = { active: version, keys: [...keys, newRingKey(version, clock())] };
    await writeRing(path, rotated, wrapper);
    wipeRing(rotated);
    return version;
  });
}

/** Wraps the same keys by another key-encryption key. */
export function rewrapKeyring(
  { ring: path, wrapper }: KeyringLocation,
  newWrapper: KeyWrapper,
): Promise<void> {
  return changeRing(path, async () => {
    const ring = await readRing(path, wrapper);
    await writeRing(path, ring, newWrapper);
    wipeRing(ring);
  });
}

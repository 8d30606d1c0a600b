import { hkdfSync } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type Clock, systemClock } from '../clock.ts';
import { PrivetError } from '../errors.ts';
import { KEY_BYTES } from './kek.ts';
import { newRingKey, readRing, writeRing } from './ring-file.ts';

/** Keys by version. The ring's own keys are never used directly: each purpose has a key derived for it. */
export interface Keyring {
  /** Version that new values are made with. */
  readonly activeVersion: number;
  /** Every version, oldest first, with the time it was made (RFC 3339). */
  readonly versions: readonly { readonly version: number; readonly created: string }[];
  /**
   * 32 bytes for one purpose by HKDF-SHA256 (RFC 5869): knowing one purpose's key says nothing about another's. The same
   * purpose and version give the same key for ever.
   * @param version the active one when left out
   * @throws PrivetError KEYRING_UNUSABLE when the ring has no such version
   */
  readonly derive: (purpose: string, version?: number) => Buffer;
}

/** Where a ring is, and the 32-byte key-encryption key that opens it. */
export interface KeyringLocation {
  readonly ring: string;
  readonly kek: Buffer;
}

/** @throws PrivetError KEYRING_UNUSABLE when the ring cannot be read or the key does not open it */
export function openKeyring({ ring: path, kek }: KeyringLocation): Keyring {
  const ring = readRing(path, kek);
  const keys = new Map(ring.keys.map(({ version, key }) => [version, key]));
  const derived = new Map<string, Buffer>();
  return {
    activeVersion: ring.active,
    versions: ring.keys.map(({ version, created }) => ({ version, created })),
    derive: (purpose, version = ring.active) => {
      const name = `${version}:${purpose}`;
      const known = derived.get(name);
      if (known !== undefined) return known;
      const key = keys.get(version);
      if (key === undefined) {
        throw new PrivetError('KEYRING_UNUSABLE', `The keyring has no key of version ${version}.`);
      }
      const result = Buffer.from(hkdfSync('sha256', key, '', `privet:${purpose}`, KEY_BYTES));
      derived.set(name, result);
      return result;
    },
  };
}

/** Makes a ring with one key. @throws PrivetError KEYRING_UNUSABLE when the file exists: a ring is never overwritten */
export function createKeyring(path: string, kek: Buffer, clock: Clock = systemClock): void {
  if (existsSync(path)) throw new PrivetError('KEYRING_UNUSABLE', `The keyring ${path} exists already.`);
  writeRing(path, { active: 1, keys: [newRingKey(1, clock())] }, kek);
}

/** Adds a key and makes it the active one; what older keys made stays readable. @returns the new version */
export function rotateKeyring({ ring: path, kek }: KeyringLocation, clock: Clock = systemClock): number {
  const { keys } = readRing(path, kek);
  const version = Math.max(...keys.map((key) => key.version)) + 1;
  writeRing(path, { active: version, keys: [...keys, newRingKey(version, clock())] }, kek);
  return version;
}

/** Wraps the same keys by another key-encryption key. */
export function rewrapKeyring({ ring: path, kek }: KeyringLocation, newKek: Buffer): void {
  writeRing(path, readRing(path, kek), newKek);
}

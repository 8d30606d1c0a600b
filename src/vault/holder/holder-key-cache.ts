import type { Keyring } from '../keys/keyring.ts';
import type { Erasure } from './erasure.ts';
import type { HolderKey } from './holder-key.ts';

/**
 * Pages are often read several times within a minute, and unwrapping a data key costs as much as all else in reading a
 * value.
 */
const KEPT_MS = 60_000;
const KEYS_MAX = 10_000;

/** A data key that was opened, with its entry. */
export interface KnownKey {
  readonly key: HolderKey;
  /** The last erasure when its entry was read; undefined: it is not known. */
  seenAfter: Erasure | undefined;
}

/**
 * Data keys that were opened within the last minute, by ring and holder. A key is used only while its entry in the
 * store is the same, which need not be checked while there was no further erasure.
 */
const caches = new WeakMap<Keyring, Map<string, KnownKey>>();
const NONE: ReadonlyMap<string, KnownKey> = new Map();

/** The keys that were opened lately. Not to be kept: keys are forgotten as time passes. */
export function knownKeys(keyring: Keyring): ReadonlyMap<string, KnownKey> {
  return caches.get(keyring) ?? NONE;
}

/** Whether a known key is the one of this entry. */
export function isKeyOf({ stored }: HolderKey, entry: Uint8Array): boolean {
  return Buffer.compare(stored, entry) === 0;
}

export function rememberKey(keyring: Keyring, holder: string, known: KnownKey): void {
  let cache = caches.get(keyring);
  if (cache === undefined || cache.size >= KEYS_MAX) {
    const fresh = new Map<string, KnownKey>();
    cache = fresh;
    caches.set(keyring, fresh);
    const forget = setTimeout(() => {
      if (caches.get(keyring) === fresh) caches.delete(keyring);
    }, KEPT_MS);
    forget.unref();
  }
  cache.set(holder, known);
}

/** Forgets a destroyed key at once. */
export function forgetKey(keyring: Keyring, holder: string): void {
  caches.get(keyring)?.delete(holder);
}

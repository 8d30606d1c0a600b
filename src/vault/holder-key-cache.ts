import type { HolderKey } from './holder-key.ts';
import type { Keyring } from './keyring.ts';

/** Pages are read several times within a minute, and unwrapping a data key costs as much as all the rest of reading a value. */
const KEPT_MS = 60_000;
const KEYS_MAX = 10_000;

/**
 * Data keys that were opened within the last minute, by ring. What is stored decides: a key that was destroyed or wrapped anew is not found
 * here, since its entry is another one.
 */
const caches = new WeakMap<Keyring, Map<string, HolderKey>>();
const NONE: ReadonlyMap<string, HolderKey> = new Map();

/** The keys that were opened lately, each for the entry it holds. To be used at once: they are forgotten in the meantime. */
export function knownKeys(keyring: Keyring): ReadonlyMap<string, HolderKey> {
  return caches.get(keyring) ?? NONE;
}

/** Whether a known key is the one of this entry. */
export function isKeyOf({ stored }: HolderKey, entry: Uint8Array): boolean {
  return Buffer.compare(stored, entry) === 0;
}

export function rememberKey(keyring: Keyring, holder: string, key: HolderKey): void {
  let cache = caches.get(keyring);
  if (cache === undefined || cache.size >= KEYS_MAX) {
    const fresh = new Map<string, HolderKey>();
    cache = fresh;
    caches.set(keyring, fresh);
    const forget = setTimeout(() => {
      if (caches.get(keyring) === fresh) caches.delete(keyring);
    }, KEPT_MS);
    forget.unref();
  }
  cache.set(holder, key);
}

/** A key is destroyed: nothing of it stays here either. */
export function forgetKey(keyring: Keyring, holder: string): void {
  caches.get(keyring)?.delete(holder);
}

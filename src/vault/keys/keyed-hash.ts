import { forgetWhenIdle } from '../../cache/idle.ts';
import { createTextHmac } from './text-hmac.ts';

/** 22 base64url characters are 132 bits; 64-bit digests collide at a few billion values, 32-bit ones within one CRM. */
const HASH_LENGTH = 22;
/** Longer texts are hashed each time, so that the cache's size has a bound in bytes too. */
const CACHED_TEXT_LENGTH_MAX = 4_096;

/**
 * HMAC-SHA256 (RFC 2104), truncated to 132 bits, as 22 base64url characters. An HMAC costs 1 to 2 µs and pages repeat
 * their values, so results are remembered while they are in use: the last `cacheMax` / 2 texts surely, `cacheMax` at
 * most.
 */
export function createKeyedHash(
  key: Buffer,
  { cacheMax }: { readonly cacheMax: number },
): (text: string) => string {
  const hashOf = createPlainKeyedHash(key);
  const generationMax = Math.max(1, Math.floor(cacheMax / 2));
  let young = new Map<string, string>();
  let old = new Map<string, string>();
  const grow = (): void => {
    old = young;
    young = new Map();
  };
  const remembers = forgetWhenIdle(() => {
    grow();
    return old.size > 0;
  });
  return (text) => {
    if (text.length > CACHED_TEXT_LENGTH_MAX) return hashOf(text);
    const recent = young.get(text);
    if (recent !== undefined) return recent;
    const hashed = old.get(text) ?? hashOf(text);
    if (young.size >= generationMax) grow();
    remembers();
    young.set(text, hashed);
    return hashed;
  };
}

/** The same hash without a cache. */
export function createPlainKeyedHash(key: Buffer): (text: string) => string {
  const hmac = createTextHmac(key);
  return (text) => hmac(text).slice(0, HASH_LENGTH);
}

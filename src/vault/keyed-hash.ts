import { createHmac, createSecretKey } from 'node:crypto';

/** 22 base64url characters are 132 bits; 64-bit digests collide at a few billion values, 32-bit ones within one CRM. */
const HASH_LENGTH = 22;
/** Longer texts are hashed anew each time, so that the cache's size has a bound in bytes too. */
const CACHED_TEXT_LENGTH_MAX = 4_096;

/**
 * HMAC-SHA256 (RFC 2104), truncated to 132 bits, as 22 base64url characters. An HMAC costs 2 to 3 µs and pages repeat their
 * values, so results are remembered: the last `cacheMax` / 2 texts surely, `cacheMax` at most.
 */
export function createKeyedHash(
  key: Buffer,
  { cacheMax }: { readonly cacheMax: number },
): (text: string) => string {
  // Node 24 takes several times longer over a key in a buffer.
  const secret = createSecretKey(key);
  const generationMax = Math.max(1, Math.floor(cacheMax / 2));
  let young = new Map<string, string>();
  let old = new Map<string, string>();
  return (text) => {
    const recent = young.get(text);
    if (recent !== undefined) return recent;
    const hash =
      old.get(text) ?? createHmac('sha256', secret).update(text).digest('base64url').slice(0, HASH_LENGTH);
    if (text.length > CACHED_TEXT_LENGTH_MAX) return hash;
    if (young.size >= generationMax) {
      old = young;
      young = new Map();
    }
    young.set(text, hash);
    return hash;
  };
}

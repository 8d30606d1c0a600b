import { createHmac, createSecretKey, hash } from 'node:crypto';

/** 22 base64url characters are 132 bits; 64-bit digests collide at a few billion values, 32-bit ones within one CRM. */
const HASH_LENGTH = 22;
/** Longer texts are hashed anew each time, so that the cache's size has a bound in bytes too. */
const CACHED_TEXT_LENGTH_MAX = 4_096;

/** Of SHA-256: what a key is filled up to, and what a digest takes. */
const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
/** A UTF-16 unit takes at most three bytes in UTF-8. */
const TEXT_BYTES_MAX = 3 * CACHED_TEXT_LENGTH_MAX;

/**
 * HMAC-SHA256 (RFC 2104), truncated to 132 bits, as 22 base64url characters. An HMAC costs 1 to 2 µs and pages repeat their
 * values, so results are remembered: the last `cacheMax` / 2 texts surely, `cacheMax` at most.
 */
export function createKeyedHash(
  key: Buffer,
  { cacheMax }: { readonly cacheMax: number },
): (text: string) => string {
  const hashOf = createPlainKeyedHash(key);
  const generationMax = Math.max(1, Math.floor(cacheMax / 2));
  let young = new Map<string, string>();
  let old = new Map<string, string>();
  return (text) => {
    if (text.length > CACHED_TEXT_LENGTH_MAX) return hashOf(text);
    const recent = young.get(text);
    if (recent !== undefined) return recent;
    const hashed = old.get(text) ?? hashOf(text);
    if (young.size >= generationMax) {
      old = young;
      young = new Map();
    }
    young.set(text, hashed);
    return hashed;
  };
}

/** The same hash for whoever remembers results by himself. */
export function createPlainKeyedHash(key: Buffer): (text: string) => string {
  const hashOf = createShortHmac(key);
  // Node 24 takes several times longer over a key in a buffer.
  const secret = createSecretKey(key);
  return (text) => {
    const digest =
      text.length > CACHED_TEXT_LENGTH_MAX
        ? createHmac('sha256', secret).update(text).digest('base64url')
        : hashOf(text);
    return digest.slice(0, HASH_LENGTH);
  };
}

/**
 * HMAC-SHA256 of texts of at most `CACHED_TEXT_LENGTH_MAX`, base64url: the two hashes of RFC 2104 by themselves, over blocks that hold the
 * key already. Node makes an object for a `Hmac` that takes longer than both.
 */
function createShortHmac(key: Buffer): (text: string) => string {
  const block = Buffer.alloc(BLOCK_BYTES);
  block.set(key.length > BLOCK_BYTES ? hash('sha256', key, 'buffer') : key);
  const inner = Buffer.alloc(BLOCK_BYTES + TEXT_BYTES_MAX);
  const outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES);
  inner.set(block.map((byte) => byte ^ 0x36));
  outer.set(block.map((byte) => byte ^ 0x5c));
  return (text) => {
    const end = BLOCK_BYTES + inner.write(text, BLOCK_BYTES);
    outer.write(hash('sha256', inner.subarray(0, end), 'binary'), BLOCK_BYTES, 'latin1');
    return hash('sha256', outer, 'base64url');
  };
}

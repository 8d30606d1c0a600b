import { createHmac, createSecretKey, hash } from 'node:crypto';

/** HMAC-SHA256 (RFC 2104) of a text in UTF-8, as 43 base64url characters. */
export type TextHmac = (text: string) => string;

/** Longer texts are hashed with Node's own `Hmac`. */
const SHORT_LENGTH_MAX = 4_096;
/** SHA-256: the length to which a key is padded, and that of a digest. */
const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
/** A UTF-16 unit takes at most three bytes in UTF-8. */
const TEXT_BYTES_MAX = 3 * SHORT_LENGTH_MAX;

/**
 * Computes the two hashes of RFC 2104 itself, over blocks that already hold the key: to make a `Hmac` object takes Node
 * longer than both.
 */
export function createTextHmac(key: Buffer): TextHmac {
  const block = Buffer.alloc(BLOCK_BYTES);
  block.set(key.length > BLOCK_BYTES ? hash('sha256', key, 'buffer') : key);
  const inner = Buffer.alloc(BLOCK_BYTES + TEXT_BYTES_MAX);
  const outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES);
  inner.set(block.map((byte) => byte ^ 0x36));
  outer.set(block.map((byte) => byte ^ 0x5c));
  block.fill(0);
  // Node 24 takes several times longer over a key in a buffer.
  const secret = createSecretKey(key);
  return (text) => {
    if (text.length > SHORT_LENGTH_MAX) return createHmac('sha256', secret).update(text).digest('base64url');
    const end = BLOCK_BYTES + inner.write(text, BLOCK_BYTES);
    outer.write(hash('sha256', inner.subarray(0, end), 'binary'), BLOCK_BYTES, 'latin1');
    // What is hashed may be a value of a person.
    inner.fill(0, BLOCK_BYTES, end);
    return hash('sha256', outer, 'base64url');
  };
}

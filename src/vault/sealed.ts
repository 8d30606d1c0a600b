import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { drawBytes } from './random.ts';

const CIPHER = 'aes-256-gcm';
/** A random 96-bit nonce (NIST SP 800-38D §8.2.2): every key here seals far fewer than 2^32 texts. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Node 24 takes several times longer over a key in a buffer than over a key object, and as long as for all the rest to make one of it: what is
 * used often is kept as an object, which wipes its copy when it is collected.
 */
function keyObject(key: KeyObject | Buffer): KeyObject {
  return Buffer.isBuffer(key) ? createSecretKey(key) : key;
}

/**
 * Encrypts with AES-256-GCM. `boundTo` is authenticated and not stored: only who names the same can open it.
 * @param key 32 bytes
 * @returns nonce, ciphertext and tag
 */
export function seal(
  key: KeyObject | Buffer,
  plain: Uint8Array,
  boundTo: readonly (string | number)[],
): Buffer {
  const nonce = drawBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, keyObject(key), nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(JSON.stringify(boundTo)));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Undefined when the key or `boundTo` is another, or a bit was changed. */
export function unseal(
  key: KeyObject | Buffer,
  sealed: Buffer,
  boundTo: readonly (string | number)[],
): Buffer | undefined {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) return undefined;
  try {
    const decipher = createDecipheriv(CIPHER, keyObject(key), sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(JSON.stringify(boundTo)));
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    const plain = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
    // In counter mode nothing is left over: this looks at the tag alone.
    decipher.final();
    return plain;
  } catch {
    // The cause would only say that a tag does not match.
    return undefined;
  }
}

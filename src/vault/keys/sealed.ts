import { createCipheriv, createDecipheriv } from 'node:crypto';
import { drawBytes } from './random.ts';

const CIPHER = 'aes-256-gcm';
/** A random 96-bit nonce (NIST SP 800-38D §8.2.2): every key here seals far fewer than 2^32 texts. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const OPTIONS = { authTagLength: TAG_BYTES };

/** Authenticated with a text but not stored with it: to open the text the same must be given again. */
export type BoundTo = readonly (string | number)[];

function bytesOf(boundTo: BoundTo): Buffer {
  return Buffer.from(JSON.stringify(boundTo));
}

/**
 * Encrypts with AES-256-GCM.
 * @param key 32 bytes
 * @returns nonce, ciphertext and tag
 */
export function seal(key: Buffer, plain: Uint8Array, boundTo: BoundTo): Buffer {
  const nonce = drawBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce, OPTIONS).setAAD(bytesOf(boundTo));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Undefined when the key or `boundTo` differs, or a bit was changed. */
export function unseal(key: Buffer, sealed: Buffer, boundTo: BoundTo): Buffer | undefined {
  const tagAt = sealed.length - TAG_BYTES;
  if (tagAt < NONCE_BYTES) return undefined;
  try {
    const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE_BYTES), OPTIONS)
      .setAAD(bytesOf(boundTo))
      .setAuthTag(sealed.subarray(tagAt));
    const plain = decipher.update(sealed.subarray(NONCE_BYTES, tagAt));
    // In counter mode no bytes are left over: this only checks the tag.
    decipher.final();
    return plain;
  } catch {
    // The cause would only say that a tag does not match.
    return undefined;
  }
}

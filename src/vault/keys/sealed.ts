import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { drawInto } from './random.ts';

const CIPHER = 'aes-256-gcm';
/** A random 96-bit nonce (NIST SP 800-38D §8.2.2): every key here seals far fewer than 2^32 texts. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const OPTIONS = { authTagLength: TAG_BYTES };

/** Scratch buffers for one text at a time: to make a view of each takes longer than the copy. */
const NONCE = Buffer.allocUnsafeSlow(NONCE_BYTES);
const TAG = Buffer.allocUnsafeSlow(TAG_BYTES);

/** Bytes that a sealed text is longer than the text. */
export const SEAL_BYTES = NONCE_BYTES + TAG_BYTES;

/** Authenticated with a text but not stored with it: to open the text the same must be given again. */
export type BoundTo = Uint8Array | readonly (string | number)[];

/**
 * Node 24 takes several times longer with a key in a buffer than with a key object, and making the object takes as long
 * as everything else. So keys that are used often are kept as objects, which wipe their copy when they are collected.
 */
function keyObject(key: KeyObject | Buffer): KeyObject {
  return Buffer.isBuffer(key) ? createSecretKey(key) : key;
}

function bytesOf(boundTo: BoundTo): Uint8Array {
  return boundTo instanceof Uint8Array ? boundTo : Buffer.from(JSON.stringify(boundTo));
}

/**
 * Encrypts with AES-256-GCM.
 * @param key 32 bytes
 * @returns nonce, ciphertext and tag
 */
export function seal(key: KeyObject | Buffer, plain: Uint8Array, boundTo: BoundTo): Buffer {
  const sealed = Buffer.allocUnsafe(SEAL_BYTES + plain.length);
  sealInto(sealed, key, plain, boundTo);
  return sealed;
}

/** The same, into the last bytes of a buffer. */
export function sealInto(target: Buffer, key: KeyObject | Buffer, plain: Uint8Array, boundTo: BoundTo): void {
  const start = target.length - SEAL_BYTES - plain.length;
  const nonce = target.subarray(start, start + NONCE_BYTES);
  drawInto(nonce);
  const cipher = createCipheriv(CIPHER, keyObject(key), nonce, OPTIONS);
  cipher.setAAD(bytesOf(boundTo));
  target.set(cipher.update(plain), start + NONCE_BYTES);
  // In counter mode no bytes are left over: this only computes the tag.
  cipher.final();
  target.set(cipher.getAuthTag(), target.length - TAG_BYTES);
}

/**
 * Undefined when the key or `boundTo` differs, or a bit was changed.
 * @param start where the sealed text begins in the bytes; it goes on to their end
 */
export function unseal(
  key: KeyObject | Buffer,
  bytes: Uint8Array,
  boundTo: BoundTo,
  start = 0,
): Buffer | undefined {
  const textAt = start + NONCE_BYTES;
  const tagAt = bytes.length - TAG_BYTES;
  if (tagAt < textAt) return undefined;
  try {
    copy(bytes, start, NONCE);
    copy(bytes, tagAt, TAG);
    const decipher = createDecipheriv(CIPHER, keyObject(key), NONCE, OPTIONS);
    decipher.setAAD(bytesOf(boundTo));
    decipher.setAuthTag(TAG);
    const plain = decipher.update(bytes.subarray(textAt, tagAt));
    // In counter mode no bytes are left over: this only checks the tag.
    decipher.final();
    return plain;
  } catch {
    // The cause would only say that a tag does not match.
    return undefined;
  }
}

/** Fills the target with what begins at `start`. */
function copy(bytes: Uint8Array, start: number, target: Buffer): void {
  for (let at = 0; at < target.length; at++) target[at] = bytes[start + at] as number;
}

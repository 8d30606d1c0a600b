import sodium from 'sodium-native';
import { drawInto } from './random.ts';

/**
 * Seals data keys and values with XChaCha20-Poly1305 (RFC 8439, with the nonce of draft-irtf-cfrg-xchacha): at 192 bits
 * nonces may be drawn at random however many texts a key seals. Every token costs two seals, and libsodium takes a sixth
 * of the time that node:crypto takes for AES-256-GCM, most of which goes into its objects. Keys of the ring and backups,
 * of which there are few, are sealed with AES-256-GCM (sealed.ts).
 */
const NONCE_BYTES = 24;
const TAG_BYTES = 16;

/** Scratch buffer for one text at a time: to make a view of each takes longer than the copy. */
const NONCE = Buffer.allocUnsafeSlow(NONCE_BYTES);

/** Bytes that a sealed text is longer than the text. */
export const DATA_SEAL_BYTES = NONCE_BYTES + TAG_BYTES;

/**
 * Encrypts into the last bytes of a buffer: nonce, ciphertext and tag.
 * @param key 32 bytes
 * @param boundTo authenticated with the text but not stored with it: to open the text the same must be given again
 */
export function sealDataInto(target: Buffer, key: Buffer, plain: Buffer, boundTo: Buffer): void {
  const start = target.length - DATA_SEAL_BYTES - plain.length;
  drawInto(NONCE);
  target.set(NONCE, start);
  const sealed = target.subarray(start + NONCE_BYTES);
  sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, plain, boundTo, null, NONCE, key);
}

/**
 * Decrypts what begins at `start` and goes on to the end of the bytes.
 * @param plain takes the text, and must be as long as it is
 * @returns false when the key or `boundTo` differs, or a bit was changed
 */
export function openDataInto(
  plain: Buffer,
  key: Buffer,
  bytes: Buffer,
  boundTo: Buffer,
  start: number,
): boolean {
  if (bytes.length - start !== DATA_SEAL_BYTES + plain.length) return false;
  for (let at = 0; at < NONCE_BYTES; at++) NONCE[at] = bytes[start + at] as number;
  try {
    const sealed = bytes.subarray(start + NONCE_BYTES);
    sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(plain, null, sealed, boundTo, NONCE, key);
    return true;
  } catch {
    // The cause would only say that a tag does not match.
    return false;
  }
}

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { PrivetError } from '../errors.ts';
import { KEY_BYTES } from './kek.ts';
import { writePrivateFile } from './private-file.ts';

/** One key of the ring, unwrapped. */
export interface RingKey {
  readonly version: number;
  /** RFC 3339. */
  readonly created: string;
  readonly key: Buffer;
}

/** The keys of a ring, oldest first. */
export interface Ring {
  readonly active: number;
  readonly keys: readonly RingKey[];
}

interface WrappedKey {
  readonly version: number;
  readonly created: string;
  readonly nonce: string;
  readonly key: string;
  readonly tag: string;
}

const FORMAT = 'privet-keyring-1';
/** AES-256-GCM with a random 96-bit nonce (NIST SP 800-38D §8.2.2): a ring holds a handful of keys. */
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Binds the version and date to the wrapped key, so that keys cannot be swapped within or between rings' versions. */
function boundTo(version: number, created: string): Buffer {
  return Buffer.from(`${FORMAT}:${version}:${created}`);
}

function wrap({ version, created, key }: RingKey, kek: Buffer): WrappedKey {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, kek, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(boundTo(version, created));
  const wrapped = Buffer.concat([cipher.update(key), cipher.final()]);
  return {
    version,
    created,
    nonce: nonce.toString('base64'),
    key: wrapped.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
  };
}

function unwrap(wrapped: WrappedKey, kek: Buffer, path: string): RingKey {
  const { version, created } = wrapped;
  try {
    const nonce = Buffer.from(wrapped.nonce, 'base64');
    const decipher = createDecipheriv(CIPHER, kek, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(boundTo(version, created));
    decipher.setAuthTag(Buffer.from(wrapped.tag, 'base64'));
    const key = Buffer.concat([decipher.update(Buffer.from(wrapped.key, 'base64')), decipher.final()]);
    return { version, created, key };
  } catch {
    // The cause would only say that a tag does not match; it is left out together with all it might carry.
    throw new PrivetError(
      'KEYRING_UNUSABLE',
      `The key-encryption key does not open version ${version} of ${path}, or the file was changed.`,
    );
  }
}

function isWrappedKey(value: unknown): value is WrappedKey {
  if (typeof value !== 'object' || value === null) return false;
  const { version, created, nonce, key, tag } = value as Partial<Record<keyof WrappedKey, unknown>>;
  return (
    Number.isSafeInteger(version) && [created, nonce, key, tag].every((member) => typeof member === 'string')
  );
}

function parse(
  text: string,
  path: string,
): { readonly active: number; readonly keys: readonly WrappedKey[] } {
  const malformed = new PrivetError('KEYRING_UNUSABLE', `The file ${path} is not a keyring.`);
  let ring: unknown;
  try {
    ring = JSON.parse(text);
  } catch {
    throw malformed;
  }
  if (typeof ring !== 'object' || ring === null) throw malformed;
  const { format, active, keys } = ring as { format?: unknown; active?: unknown; keys?: unknown };
  if (format !== FORMAT || typeof active !== 'number' || !Array.isArray(keys)) throw malformed;
  if (!keys.every(isWrappedKey) || !keys.some(({ version }) => version === active)) throw malformed;
  if (new Set(keys.map(({ version }) => version)).size !== keys.length) throw malformed;
  return { active, keys };
}

/** @throws PrivetError KEYRING_UNUSABLE when the file is missing, is not a ring, or the key does not open all of it */
export function readRing(path: string, kek: Buffer): Ring {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new PrivetError('KEYRING_UNUSABLE', `The keyring ${path} cannot be read.`, { cause });
  }
  const { active, keys } = parse(text, path);
  return { active, keys: keys.map((wrapped) => unwrap(wrapped, kek, path)) };
}

/** Wraps every key by the key-encryption key and replaces the file. */
export function writeRing(path: string, { active, keys }: Ring, kek: Buffer): void {
  const ring = { format: FORMAT, active, keys: keys.map((key) => wrap(key, kek)) };
  writePrivateFile(path, `${JSON.stringify(ring, null, 2)}\n`);
}

/** A new key for a ring. */
export function newRingKey(version: number, nowMs: number): RingKey {
  return { version, created: new Date(nowMs).toISOString(), key: randomBytes(KEY_BYTES) };
}

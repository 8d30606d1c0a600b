import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { PrivetError } from '../../errors.ts';
import { KEY_BYTES } from './kek.ts';
import type { KeyWrapper } from './key-wrapper.ts';
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
  /** The key as wrapped by the key-encryption key, in base64. */
  readonly wrapped: string;
}

const FORMAT = 'privet-keyring-1';

/** Binds the version and date to the wrapped key, so that keys cannot be swapped within or between rings' versions. */
function boundTo(version: number, created: string): readonly (string | number)[] {
  return [FORMAT, version, created];
}

async function wrap({ version, created, key }: RingKey, wrapper: KeyWrapper): Promise<WrappedKey> {
  const wrapped = await wrapper.wrap(key, boundTo(version, created));
  return { version, created, wrapped: wrapped.toString('base64') };
}

async function unwrap(
  { version, created, wrapped }: WrappedKey,
  wrapper: KeyWrapper,
  path: string,
): Promise<RingKey> {
  let key: Buffer;
  try {
    key = await wrapper.unwrap(Buffer.from(wrapped, 'base64'), boundTo(version, created));
  } catch (cause) {
    throw new PrivetError(
      'KEYRING_UNUSABLE',
      `The key-encryption key does not open version ${version} of ${path}, or the file was changed.`,
      { cause },
    );
  }
  if (key.length !== KEY_BYTES) {
    throw new PrivetError('KEYRING_UNUSABLE', `Version ${version} of ${path} is not a key.`);
  }
  return { version, created, key };
}

function isWrappedKey(value: unknown): value is WrappedKey {
  if (typeof value !== 'object' || value === null) return false;
  const { version, created, wrapped } = value as Partial<Record<keyof WrappedKey, unknown>>;
  return Number.isSafeInteger(version) && typeof created === 'string' && typeof wrapped === 'string';
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
export async function readRing(path: string, wrapper: KeyWrapper): Promise<Ring> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const what = existsSync(path)
      ? `The keyring ${path} cannot be read.`
      : `There is no keyring ${path}: \`privet keys init\` makes the first one; one that is lost comes back from its backup alone.`;
    throw new PrivetError('KEYRING_UNUSABLE', what, { cause });
  }
  const { active, keys } = parse(text, path);
  return { active, keys: await Promise.all(keys.map((wrapped) => unwrap(wrapped, wrapper, path))) };
}

/** Wraps every key by the key-encryption key and replaces the file. */
export async function writeRing(path: string, { active, keys }: Ring, wrapper: KeyWrapper): Promise<void> {
  const wrapped = await Promise.all(keys.map((key) => wrap(key, wrapper)));
  writePrivateFile(path, `${JSON.stringify({ format: FORMAT, active, keys: wrapped }, null, 2)}\n`);
}

/** A new key for a ring. */
export function newRingKey(version: number, nowMs: number): RingKey {
  return { version, created: new Date(nowMs).toISOString(), key: randomBytes(KEY_BYTES) };
}

/** Wipes the keys of a ring that is no longer needed in memory. */
export function wipeRing({ keys }: Ring): void {
  for (const { key } of keys) key.fill(0);
}

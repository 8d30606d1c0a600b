import { randomBytes } from 'node:crypto';
import { PrivetError } from '../errors.ts';
import type { ReadableStore, Store } from '../store/store.ts';
import { KEY_BYTES } from './kek.ts';
import type { Keyring } from './keyring.ts';
import { holderKey } from './places.ts';
import { seal, unseal } from './sealed.ts';

const ID_BYTES = 9;

/** A holder's data key, opened. Wipe it after use. */
export interface HolderKey {
  /** Tells one key of a holder from the next, after the first was destroyed. */
  readonly id: string;
  readonly key: Buffer;
  /** The entry as it is stored: what a guarded write expects. */
  readonly stored: Uint8Array;
}

/** As it is stored: wrapped by the ring, or destroyed. */
export interface StoredHolderKey {
  readonly wrapped?: { readonly version: number; readonly id: string; readonly key: string };
  /** When a key of this holder was last destroyed, RFC 3339. */
  readonly erased?: string;
  /** Ids of all that were. */
  readonly destroyed?: readonly string[];
}

export function readStoredKey(bytes: Uint8Array): StoredHolderKey {
  // Written by this vault alone; what was changed in it does not open.
  return JSON.parse(Buffer.from(bytes).toString()) as StoredHolderKey;
}

export function writeStoredKey(key: StoredHolderKey): Buffer {
  return Buffer.from(JSON.stringify(key));
}

/** The ring's key for data keys. Reads the ring again when another instance has rotated it meanwhile. */
async function wrappingKey(keyring: Keyring, version: number): Promise<Buffer> {
  if (!keyring.versions.some((known) => known.version === version)) await keyring.reload();
  return keyring.derive('vault data key', version);
}

/** Undefined when the holder has no key, or had one. @throws PrivetError VAULT_UNAVAILABLE when the ring does not open it */
export async function openHolderKey(
  keyring: Keyring,
  holder: string,
  stored: Uint8Array | undefined,
): Promise<HolderKey | undefined> {
  const wrapped = stored && readStoredKey(stored).wrapped;
  if (stored === undefined || wrapped === undefined) return undefined;
  const { version, id } = wrapped;
  const wrapping = await wrappingKey(keyring, version);
  const key = unseal(wrapping, Buffer.from(wrapped.key, 'base64'), boundTo(holder, id, version));
  if (key === undefined) {
    throw new PrivetError('VAULT_UNAVAILABLE', `The data key ${holder} does not open with the keyring.`);
  }
  return { id, key, stored };
}

/** The entry for a key of this holder under the ring's active version. @param past the entry before */
export function storedKey(
  keyring: Keyring,
  holder: string,
  { id, key }: Pick<HolderKey, 'id' | 'key'>,
  past: StoredHolderKey | undefined,
): Buffer {
  const version = keyring.activeVersion;
  const sealed = seal(keyring.derive('vault data key', version), key, boundTo(holder, id, version));
  return writeStoredKey({ ...past, wrapped: { version, id, key: sealed.toString('base64') } });
}

/** What is left of a key once it is destroyed. */
export function erasedKey({ id, stored }: HolderKey, nowMs: number): Buffer {
  const destroyed = [...(readStoredKey(stored).destroyed ?? []), id];
  return writeStoredKey({ erased: new Date(nowMs).toISOString(), destroyed });
}

function boundTo(holder: string, id: string, version: number): readonly (string | number)[] {
  return ['privet vault data key', holder, id, version];
}

/** The keys of these holders that there are. */
export async function loadHolderKeys(
  store: Pick<ReadableStore, 'getMany'>,
  keyring: Keyring,
  holders: readonly string[],
): Promise<Map<string, HolderKey>> {
  const entries = await store.getMany(holders.map(holderKey));
  const keys = new Map<string, HolderKey>();
  for (const [index, holder] of holders.entries()) {
    const key = await openHolderKey(keyring, holder, entries[index]);
    if (key !== undefined) keys.set(holder, key);
  }
  return keys;
}

/** Makes keys for holders that have none. Where another instance was first, its key is the one. */
export async function createHolderKeys(
  store: Store,
  keyring: Keyring,
  holders: readonly string[],
): Promise<Map<string, HolderKey>> {
  if (holders.length === 0) return new Map();
  const before = await store.getMany(holders.map(holderKey));
  const made = holders.map((holder, index) => {
    const key = { id: randomBytes(ID_BYTES).toString('base64url'), key: randomBytes(KEY_BYTES) };
    const old = before[index];
    const past = old && readStoredKey(old);
    return { holder, old, key: { ...key, stored: storedKey(keyring, holder, key, past) } };
  });
  const conflicts = await store.writeIf(
    made.map(({ holder, old, key }) => ({
      expect: [{ key: holderKey(holder), value: old }],
      writes: [{ put: holderKey(holder), value: key.stored }],
    })),
  );
  const keys = new Map<string, HolderKey>();
  for (const [index, { holder, key }] of made.entries()) {
    const conflict = conflicts[index];
    const own = conflict === undefined ? key : await openHolderKey(keyring, holder, conflict.value);
    if (own !== key) key.key.fill(0);
    if (own !== undefined) keys.set(holder, own);
  }
  return keys;
}

export function wipeHolderKeys(keys: ReadonlyMap<string, HolderKey>): void {
  for (const { key } of keys.values()) key.fill(0);
}

import { PrivetError } from '../../errors.ts';
import type { ReadableStore } from '../../store/store.ts';
import { openDataInto, sealDataInto } from '../keys/data-seal.ts';
import { drawKey } from '../keys/key-memory.ts';
import type { Keyring } from '../keys/keyring.ts';
import { drawBytes } from '../keys/random.ts';
import { ERASURE, holderKey } from '../places.ts';
import { erasureOf } from './erasure.ts';
import type { HolderKey } from './holder-key.ts';
import { isKeyOf, knownKeys, rememberKey } from './holder-key-cache.ts';
import {
  readStoredKey,
  SEALED_KEY_BYTES,
  type StoredHolderKey,
  type WrappedKey,
  writeStoredKey,
} from './stored-key.ts';

const ID_BYTES = 9;
const PURPOSE = 'vault data key';

/** @throws PrivetError VAULT_UNAVAILABLE when the ring does not open it */
function openKey(keyring: Keyring, holder: string, stored: Uint8Array, wrapped: WrappedKey): HolderKey {
  const { version, id, sealed } = wrapped;
  const key = drawKey();
  if (!openDataInto(key, keyring.derive(PURPOSE, version), sealed, boundTo(holder, id, version), 0)) {
    throw new PrivetError('VAULT_UNAVAILABLE', `The data key ${holder} does not open with the keyring.`);
  }
  return { id, key, stored };
}

/**
 * Undefined when the holder has no key, or had one. Reads the ring again when another instance has rotated it
 * meanwhile.
 * @throws PrivetError VAULT_UNAVAILABLE when the ring does not open it
 */
export async function openHolderKey(
  keyring: Keyring,
  holder: string,
  stored: Uint8Array | undefined,
): Promise<HolderKey | undefined> {
  const wrapped = stored === undefined ? undefined : readStoredKey(stored).wrapped;
  if (stored === undefined || wrapped === undefined) return undefined;
  if (!hasVersion(keyring, wrapped)) await keyring.reload();
  return openKey(keyring, holder, stored, wrapped);
}

function hasVersion({ versions }: Keyring, { version }: WrappedKey): boolean {
  return versions.some((known) => known.version === version);
}

/** The entry for a key of this holder under the ring's active version. @param past the entry before */
export function storedKey(
  keyring: Keyring,
  holder: string,
  { id, key }: Pick<HolderKey, 'id' | 'key'>,
  past: StoredHolderKey | undefined,
): Buffer {
  const version = keyring.activeVersion;
  const sealed = Buffer.allocUnsafe(SEALED_KEY_BYTES);
  sealDataInto(sealed, keyring.derive(PURPOSE, version), key, boundTo(holder, id, version));
  const wrapped = { version, id, sealed };
  return writeStoredKey(past === undefined ? { wrapped } : { ...past, wrapped });
}

/** The entry that is left of a destroyed key. */
export function erasedKey({ id, stored }: HolderKey, nowMs: number): Buffer {
  const destroyed = [...(readStoredKey(stored).destroyed ?? []), id];
  return writeStoredKey({ erased: new Date(nowMs).toISOString(), destroyed });
}

/** JSON, of names in which nothing needs an escape. */
function boundTo(holder: string, id: string, version: number): Buffer {
  return Buffer.from(`["privet vault data key","${holder}","${id}",${version}]`, 'latin1');
}

/** The keys of these holders that there are. @throws PrivetError VAULT_UNAVAILABLE when the ring does not open one */
export async function loadHolderKeys(
  store: Pick<ReadableStore, 'getMany'>,
  keyring: Keyring,
  holders: readonly string[],
): Promise<Map<string, HolderKey>> {
  return (await readHolderKeys(store, keyring, holders)).keys;
}

/** The same. `spent`: entries of those whose key was destroyed. */
export async function readHolderKeys(
  store: Pick<ReadableStore, 'getMany'>,
  keyring: Keyring,
  holders: readonly string[],
): Promise<{ readonly keys: Map<string, HolderKey>; readonly spent: ReadonlyMap<string, Uint8Array> }> {
  const keys = new Map<string, HolderKey>();
  const spent = new Map<string, Uint8Array>();
  if (holders.length === 0) return { keys, spent };
  const [erasure, ...entries] = await store.getMany([ERASURE, ...holders.map(holderKey)]);
  const seenAfter = erasureOf(erasure);
  const closed: { readonly holder: string; readonly stored: Uint8Array; readonly wrapped: WrappedKey }[] = [];
  const known = knownKeys(keyring);
  for (const [index, holder] of holders.entries()) {
    const stored = entries[index];
    if (stored === undefined) continue;
    const one = known.get(holder);
    if (one !== undefined && isKeyOf(one.key, stored)) {
      one.seenAfter = seenAfter;
      keys.set(holder, one.key);
      continue;
    }
    const { wrapped } = readStoredKey(stored);
    if (wrapped === undefined) spent.set(holder, stored);
    else closed.push({ holder, stored, wrapped });
  }
  if (!closed.every(({ wrapped }) => hasVersion(keyring, wrapped))) await keyring.reload();
  for (const { holder, stored, wrapped } of closed) {
    // Copied, because it is kept longer than the buffer it was read in.
    const key = openKey(keyring, holder, new Uint8Array(stored), wrapped);
    rememberKey(keyring, holder, { key, seenAfter });
    keys.set(holder, key);
  }
  return { keys, spent };
}

/** A key that is in no store yet. */
export interface NewKey {
  readonly holder: string;
  /** The entry that it takes the place of. */
  readonly old: Uint8Array | undefined;
  readonly key: HolderKey;
}

/** A new key for each, and the entry to be written. */
export function makeKeys(keyring: Keyring, missing: readonly Omit<NewKey, 'key'>[]): readonly NewKey[] {
  return missing.map(({ holder, old }) => {
    const key = { id: drawBytes(ID_BYTES).toString('base64url'), key: drawKey() };
    const stored = storedKey(keyring, holder, key, old && readStoredKey(old));
    return { holder, old, key: { ...key, stored } };
  });
}

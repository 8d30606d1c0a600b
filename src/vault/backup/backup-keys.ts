import { PrivetError } from '../../errors.ts';
import type { Entry } from '../../store/store.ts';
import type { VaultReading } from '../context.ts';
import { readEntries } from '../entries.ts';
import { readStoredKey, type StoredHolderKey, writeStoredKey } from '../holder/holder-keys.ts';
import { seal, unseal } from '../keys/sealed.ts';
import { HOLDER_KEYS, lastSegment } from '../places.ts';
import type { BackupSecret, DataKeyName } from './backup-secret.ts';

/**
 * A data key in a backup: its entry in the store, sealed once more. The entries of destroyed keys are kept as they are.
 */
interface BackedUpKey extends Omit<StoredHolderKey, 'wrapped'> {
  readonly id?: string;
  readonly sealed?: string;
}

function boundTo({ holder, id }: DataKeyName): readonly string[] {
  return ['privet vault backup', holder, id];
}

/** Punctures the secret for every data key that the store knows to be destroyed. */
export async function destroyErased({ store, limits }: VaultReading, secret: BackupSecret): Promise<void> {
  for await (const entries of readEntries(store, HOLDER_KEYS, limits.vaultBatchMax)) {
    const destroyed = entries.flatMap(({ key, value }) =>
      (readStoredKey(value).destroyed ?? []).map((id) => ({ holder: lastSegment(key), id })),
    );
    if (destroyed.length > 0) await secret.destroy(destroyed);
  }
}

export function sealKey({ key, value }: Entry, secret: BackupSecret): Entry {
  const { wrapped, ...past } = readStoredKey(value);
  if (wrapped === undefined) return { key, value };
  const name = { holder: lastSegment(key), id: wrapped.id };
  const own = secret.keyFor(name);
  // Destroyed while the backup was written.
  if (own === undefined) return { key, value: encode(past) };
  const sealed = seal(own, Buffer.from(JSON.stringify(wrapped)), boundTo(name)).toString('base64');
  own.fill(0);
  return { key, value: encode({ ...past, id: wrapped.id, sealed }) };
}

/**
 * The entry as it was in the store; when the key was destroyed since, the entry of a destroyed key.
 * @throws PrivetError VAULT_UNAVAILABLE when the backup was made with another secret
 */
export function unsealKey({ key, value }: Entry, secret: BackupSecret, nowMs: number): Entry {
  // Authenticated with the whole file.
  const { id, sealed, ...past } = JSON.parse(Buffer.from(value).toString()) as BackedUpKey;
  if (id === undefined || sealed === undefined) return { key, value: writeStoredKey(past) };
  const name = { holder: lastSegment(key), id };
  const own = secret.keyFor(name);
  if (own === undefined) {
    const destroyed = [...(past.destroyed ?? []), id];
    return { key, value: writeStoredKey({ erased: new Date(nowMs).toISOString(), destroyed }) };
  }
  const wrapped = unseal(own, Buffer.from(sealed, 'base64'), boundTo(name));
  own.fill(0);
  if (wrapped === undefined) {
    throw new PrivetError('VAULT_UNAVAILABLE', 'The backup was made with another backup secret.');
  }
  return {
    key,
    value: writeStoredKey({
      ...past,
      wrapped: JSON.parse(wrapped.toString()) as NonNullable<StoredHolderKey['wrapped']>,
    }),
  };
}

function encode(key: BackedUpKey): Buffer {
  return Buffer.from(JSON.stringify(key));
}

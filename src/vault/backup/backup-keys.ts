import { PrivetError } from '../../errors.ts';
import type { Entry } from '../../store/store.ts';
import { inTurns, type VaultReading } from '../context.ts';
import { readEntries } from '../entries.ts';
import { type PastKeys, readStoredKey, writeStoredKey } from '../holder/stored-key.ts';
import { seal, unseal } from '../keys/sealed.ts';
import { HOLDER_KEYS, holderKey, lastSegment } from '../places.ts';
import { vaultName } from '../upkeep/same-vault.ts';
import type { BackupSecret, DataKeyName } from './backup-secret.ts';

/**
 * A data key in a backup: its entry in the store, sealed once more. The entries of destroyed keys are kept as they are.
 */
interface BackedUpKey extends PastKeys {
  readonly id?: string;
  readonly sealed?: string;
  /** Sealed by a loose key of the secret. */
  readonly isLoose?: true;
}

function boundTo({ holder, id }: DataKeyName): readonly string[] {
  return ['privet vault backup', holder, id];
}

/**
 * Destroys in the secret every data key that the store knows to be destroyed, and the loose keys of those that it has
 * forgotten.
 */
export async function destroyErased(context: VaultReading, secret: BackupSecret): Promise<void> {
  const { store, limits } = context;
  for await (const entries of readEntries(store, HOLDER_KEYS, limits.vaultBatchMax)) {
    const destroyed = entries.flatMap(({ key, value }) =>
      (readStoredKey(value).destroyed ?? []).map((id) => ({ holder: lastSegment(key), id })),
    );
    if (destroyed.length > 0) await secret.destroy(destroyed);
  }
  const vault = await vaultName(store);
  // What another vault has is not told by this one, which may have been emptied.
  if (vault !== undefined) await secret.dropLoose(await forgotten(context, secret.loose(vault)));
}

async function forgotten(
  { store, limits }: VaultReading,
  names: readonly DataKeyName[],
): Promise<readonly DataKeyName[]> {
  const gone: DataKeyName[] = [];
  for (const turn of inTurns(names, limits.vaultBatchMax)) {
    const entries = await store.getMany(turn.map(({ holder }) => holderKey(holder)));
    gone.push(
      ...turn.filter(({ id }, index) => {
        const entry = entries[index];
        return entry === undefined || readStoredKey(entry).wrapped?.id !== id;
      }),
    );
  }
  return gone;
}

export function sealKey({ key, value }: Entry, secret: BackupSecret): Entry {
  const { wrapped, ...past } = readStoredKey(value);
  if (wrapped === undefined) return { key, value: encode(past) };
  const name = { holder: lastSegment(key), id: wrapped.id };
  const loose = secret.looseKeyFor(name);
  const own = loose ?? secret.keyFor(name);
  // Destroyed while the backup was written.
  if (own === undefined) return { key, value: encode(past) };
  const sealed = seal(own, writeStoredKey({ wrapped }), boundTo(name)).toString('base64');
  own.fill(0);
  return {
    key,
    value: encode({ ...past, id: wrapped.id, sealed, ...(loose === undefined ? {} : { isLoose: true }) }),
  };
}

/**
 * The entry as it was in the store; when the key was destroyed since, the entry of a destroyed key, or undefined where
 * its loose key was taken out.
 * @throws PrivetError VAULT_UNAVAILABLE when the backup was made with another secret
 */
export function unsealKey({ key, value }: Entry, secret: BackupSecret, nowMs: number): Entry | undefined {
  // Authenticated with the whole file.
  const { id, sealed, isLoose, ...past } = JSON.parse(Buffer.from(value).toString()) as BackedUpKey;
  if (id === undefined || sealed === undefined) return { key, value: writeStoredKey(past) };
  const name = { holder: lastSegment(key), id };
  const own = isLoose === true ? secret.looseKeyFor(name) : secret.keyFor(name);
  if (own === undefined && isLoose === true) return undefined;
  if (own === undefined) {
    const destroyed = [...(past.destroyed ?? []), id];
    return { key, value: writeStoredKey({ erased: new Date(nowMs).toISOString(), destroyed }) };
  }
  const stored = unseal(own, Buffer.from(sealed, 'base64'), boundTo(name));
  own.fill(0);
  if (stored === undefined) {
    throw new PrivetError('VAULT_UNAVAILABLE', 'The backup was made with another backup secret.');
  }
  return { key, value: writeStoredKey({ ...past, ...readStoredKey(stored) }) };
}

/** The data keys among these entries of a store that have loose keys. */
export function looseKeysIn(entries: readonly Entry[], secret: BackupSecret): readonly DataKeyName[] {
  return entries.flatMap((entry) => {
    const name = entry.key.startsWith(HOLDER_KEYS.from) ? dataKeyIn(entry) : undefined;
    const loose = name && secret.looseKeyFor(name);
    loose?.fill(0);
    return name === undefined || loose === undefined ? [] : [name];
  });
}

/** The data key of an entry; undefined when it was destroyed. */
export function dataKeyIn({ key, value }: Entry): DataKeyName | undefined {
  const id = readStoredKey(value).wrapped?.id;
  return id === undefined ? undefined : { holder: lastSegment(key), id };
}

function encode(key: BackedUpKey): Buffer {
  return Buffer.from(JSON.stringify(key));
}

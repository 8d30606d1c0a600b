import { hash } from 'node:crypto';
import { PrivetError } from '../../errors.ts';
import type { ReadableStore, Store } from '../../store/store.ts';
import { FIRST_VERSION } from '../keys/keyring.ts';
import { ringCheckKey } from '../places.ts';

/** Sealed once under a random nonce when a vault begins, so no two vaults have the same. */
const SIGNATURE = ringCheckKey(FIRST_VERSION);

/**
 * The store of a vault as long as it holds that vault. A Redis that is emptied while Privet runs would otherwise be
 * filled with second tokens for values that have one, and could no longer be restored. Whoever restarts Privet takes
 * what is there then.
 * @returns a store whose reads throw PrivetError VAULT_UNAVAILABLE when it holds another vault, or none
 */
export async function storeOfVault(store: Store): Promise<Store> {
  const signature = await store.get(SIGNATURE);
  const getMany: ReadableStore['getMany'] = async (keys) => {
    if (keys.length === 0) return [];
    const values = await store.getMany([...keys, SIGNATURE]);
    if (isSame(signature, values.at(-1))) return values.slice(0, -1);
    throw new PrivetError(
      'VAULT_UNAVAILABLE',
      'The store was emptied, or filled from elsewhere, while it was in use: restore the vault, then restart Privet.',
    );
  };
  return {
    get: async (key) => (await getMany([key]))[0],
    getMany,
    page: async (range, limit, reverse) => {
      const [entries] = await Promise.all([store.page(range, limit, reverse), getMany([SIGNATURE])]);
      return entries;
    },
    write: (writes) => store.write(writes),
    writeIf: (guarded) => store.writeIf(guarded),
    close: () => store.close(),
  };
}

/** Tells one vault from another, and from itself after a restore; undefined when there is none. */
export async function vaultName(store: Pick<ReadableStore, 'get'>): Promise<string | undefined> {
  const signature = await store.get(SIGNATURE);
  return signature && hash('sha256', signature, 'base64url');
}

function isSame(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return one !== undefined && other !== undefined && Buffer.compare(one, other) === 0;
}

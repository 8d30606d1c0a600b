import { hash } from 'node:crypto';
import { PrivetError } from '../../errors.ts';
import type { ReadableStore, Store } from '../../store/store.ts';
import { FIRST_VERSION, type Keyring } from '../keys/keyring.ts';
import { REKEYING, ringCheckKey } from '../places.ts';

/** Sealed once under a random nonce when a vault begins, so no two vaults have the same. */
const SIGNATURE = ringCheckKey(FIRST_VERSION);
/** 132 bits. */
const NAME_LENGTH = 22;

/**
 * The store of a vault as long as it holds that vault. A Redis that is emptied while Privet runs would otherwise be
 * filled with second tokens for values that have one, and could no longer be restored. Whoever restarts Privet takes
 * what is there then. Nor may values be looked for under the keys of a ring from before a rotation, once the vault was
 * brought to the new one.
 * @returns a store whose reads throw PrivetError VAULT_UNAVAILABLE when it holds another vault, or none, or the ring
 * was older; in the last case the ring has been read again
 */
export async function storeOfVault(store: Store, keyring: Keyring): Promise<Store> {
  const signature = await store.get(SIGNATURE);
  async function requireVersion(rekeying: Uint8Array | undefined): Promise<void> {
    if (rekeying === undefined || hasVersion(keyring, rekeying)) return;
    await keyring.reload();
    throw new PrivetError(
      'VAULT_UNAVAILABLE',
      `The vault was brought to version ${Buffer.from(rekeying).toString()} of its keyring, which this one did not have.`,
    );
  }
  const getMany: ReadableStore['getMany'] = async (keys) => {
    if (keys.length === 0) return [];
    const values = await store.getMany([...keys, SIGNATURE, REKEYING]);
    if (isSame(signature, values.at(-2))) {
      await requireVersion(values.at(-1));
      return values.slice(0, -2);
    }
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
  return signature && hash('sha256', signature, 'base64url').slice(0, NAME_LENGTH);
}

function hasVersion({ versions }: Keyring, stored: Uint8Array): boolean {
  const wanted = Number(Buffer.from(stored).toString());
  return versions.some(({ version }) => version === wanted);
}

function isSame(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return one !== undefined && other !== undefined && Buffer.compare(one, other) === 0;
}

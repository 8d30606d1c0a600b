import { PrivetError } from '../errors.ts';
import type { VaultContext, VaultReading } from './context.ts';
import { nextErasure } from './erasure.ts';
import { FIRST_VERSION } from './keyring.ts';
import { RING_CHECK } from './places.ts';
import { seal, unseal } from './sealed.ts';

const BOUND_TO = ['privet vault ring'] as const;

/**
 * Checks that the store was filled with this ring, before the first value fails to open.
 * @throws PrivetError KEYRING_UNUSABLE when it was another
 */
export async function compareRing({
  store,
  keyring,
}: Pick<VaultReading, 'store' | 'keyring'>): Promise<void> {
  const stored = await store.get(RING_CHECK);
  if (stored !== undefined) check(keyring, stored);
}

/** The same; an empty store is marked as this ring's. */
export async function checkRing({ store, keyring }: Pick<VaultContext, 'store' | 'keyring'>): Promise<void> {
  const own = seal(keyring.derive('vault ring', FIRST_VERSION), Buffer.alloc(0), BOUND_TO);
  const [conflict] = await store.writeIf([
    {
      expect: [{ key: RING_CHECK, value: undefined }],
      writes: [{ put: RING_CHECK, value: own }, nextErasure()],
    },
  ]);
  if (conflict?.value !== undefined) check(keyring, conflict.value);
}

function check(keyring: VaultReading['keyring'], stored: Uint8Array): void {
  if (unseal(keyring.derive('vault ring', FIRST_VERSION), Buffer.from(stored), BOUND_TO) !== undefined)
    return;
  throw new PrivetError('KEYRING_UNUSABLE', 'The vault in this store was filled with another keyring.');
}

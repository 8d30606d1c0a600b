import { PrivetError } from '../../errors.ts';
import type { Entry, GuardedWrite } from '../../store/store.ts';
import type { VaultContext, VaultReading } from '../context.ts';
import { nextErasure } from '../holder/erasure.ts';
import { seal, unseal } from '../keys/sealed.ts';
import { lastSegment, RING_CHECKS, ringCheckKey } from '../places.ts';
import { VERSION_MAX } from '../token/token.ts';

const BOUND_TO = ['privet vault ring'] as const;
const NOTHING = Buffer.alloc(0);

/**
 * Checks that the store was filled with this ring, before the first value fails to open. With a ring from before a
 * rotation values would get new tokens, since what the newer key has indexed is not found.
 * @throws PrivetError KEYRING_UNUSABLE when it was another, or a ring with more keys
 */
export async function compareRing({
  store,
  keyring,
}: Pick<VaultReading, 'store' | 'keyring'>): Promise<void> {
  for (const signed of await store.page(RING_CHECKS, VERSION_MAX)) check(keyring, signed);
}

/** The same; what has no mark of this ring yet gets one: an empty store, and one from before a rotation. */
export async function checkRing({ store, keyring }: Pick<VaultContext, 'store' | 'keyring'>): Promise<void> {
  const signed = await store.page(RING_CHECKS, VERSION_MAX);
  for (const one of signed) check(keyring, one);
  const known = new Set(signed.map(({ key }) => key));
  const guarded = keyring.versions.flatMap(({ version }): GuardedWrite[] => {
    const key = ringCheckKey(version);
    if (known.has(key)) return [];
    const value = seal(keyring.derive('vault ring', version), NOTHING, BOUND_TO);
    return [{ expect: [{ key, value: undefined }], writes: [{ put: key, value }, nextErasure()] }];
  });
  const conflicts = guarded.length === 0 ? [] : await store.writeIf(guarded);
  for (const conflict of conflicts)
    if (conflict?.value !== undefined) check(keyring, { key: conflict.key, value: conflict.value });
}

function check(keyring: VaultReading['keyring'], { key, value }: Entry): void {
  const version = Number(lastSegment(key));
  if (!keyring.versions.some((one) => one.version === version)) {
    throw new PrivetError(
      'KEYRING_UNUSABLE',
      `The vault in this store was filled with version ${version} of its keyring, which this one does not have: bring its newest copy back.`,
    );
  }
  if (unseal(keyring.derive('vault ring', version), Buffer.from(value), BOUND_TO) !== undefined) return;
  throw new PrivetError('KEYRING_UNUSABLE', 'The vault in this store was filled with another keyring.');
}

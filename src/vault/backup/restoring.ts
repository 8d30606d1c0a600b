import { PrivetError } from '../../errors.ts';
import type { ReadableStore, Write } from '../../store/store.ts';
import { HOLDER_KEYS, RECORDS, RESTORING } from '../places.ts';

/**
 * Whether a vault may be filled from a backup: an empty one, or one that was being filled from the same when that was
 * cut short.
 * @param backup names it
 * @throws PrivetError VAULT_UNAVAILABLE when there is a vault already, or a part of another one
 */
export async function requireRoomFor(
  store: Pick<ReadableStore, 'get' | 'page'>,
  backup: string,
): Promise<void> {
  const stored = await store.get(RESTORING);
  if (stored !== undefined && Buffer.from(stored).toString() === backup) return;
  for (const range of [RECORDS, HOLDER_KEYS]) {
    if ((await store.page(range, 1)).length === 0) continue;
    throw new PrivetError('VAULT_UNAVAILABLE', 'There is a vault in this store: restore into an empty one.');
  }
}

/** Written with the first that is restored, and taken away after the last. */
export function restoringMark(backup: string): Write {
  return { put: RESTORING, value: Buffer.from(backup) };
}

/**
 * Nobody takes a part of a vault for all of it: what is missing would be unreadable, and would get new tokens.
 * @throws PrivetError VAULT_UNAVAILABLE when a restore was cut short, or is under way
 */
export async function requireWholeVault(store: Pick<ReadableStore, 'get'>): Promise<void> {
  if ((await store.get(RESTORING)) === undefined) return;
  throw new PrivetError(
    'VAULT_UNAVAILABLE',
    'The vault in this store is restored in part: run `privet vault restore` with the same backup again.',
  );
}

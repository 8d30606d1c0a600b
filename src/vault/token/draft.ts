import { PrivetError } from '../../errors.ts';
import type { GuardedWrite } from '../../store/store.ts';
import type { HolderKey } from '../holder/holder-key.ts';
import type { NewKey } from '../holder/holder-keys.ts';
import { holderKey } from '../places.ts';
import type { BatchState } from './token-state.ts';

export type Expectation = GuardedWrite['expect'][number];
export type Change = GuardedWrite['writes'][number];

/** A guarded write that is being put together. */
export interface Draft {
  readonly expect: Expectation[];
  readonly writes: Change[];
  readonly made: NewKey[];
}

/**
 * The key that seals for a holder. The write expects that it was not destroyed meanwhile. A key made for this batch is
 * written with the first value that it seals; the other writes come after.
 */
export function keyFor(batch: BatchState, holder: string, { expect, writes, made }: Draft): HolderKey {
  const key = batch.keys.get(holder);
  if (key === undefined) throw new PrivetError('VAULT_UNAVAILABLE', 'A data key is missing.');
  const place = holderKey(holder);
  const fresh = batch.made.get(holder);
  expect.push({ key: place, value: fresh === undefined ? key.stored : fresh.old });
  if (fresh !== undefined) {
    batch.made.delete(holder);
    writes.push({ put: place, value: key.stored });
    made.push(fresh);
  }
  return key;
}

/**
 * Holds while a holder has no other key than was read: a record that this one does not open may be replaced, but not
 * one that was sealed meanwhile by the next key of the same holder.
 */
export function asRead({ keys, spent, made }: BatchState, holder: string): Expectation {
  const fresh = made.get(holder);
  const stored = keys.get(holder)?.stored ?? spent.get(holder);
  return { key: holderKey(holder), value: fresh === undefined ? stored : fresh.old };
}

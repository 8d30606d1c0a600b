import { PrivetError } from '../../errors.ts';
import type { Write } from '../../store/store.ts';
import type { VaultContext } from '../context.ts';
import { holderOf } from '../holder/holder.ts';
import { markKey } from '../places.ts';
import { refusedMark } from './mark.ts';
import { bondOf, dropRepeated } from './repeated.ts';
import type { TokenUse } from './token-use.ts';

/** In every round some process succeeds. */
const ROUNDS_MAX = 256;

/** Confirms tokens for good, when the CRM has taken the write. */
export async function confirm({ store }: VaultContext, uses: readonly TokenUse[]): Promise<void> {
  const writes = uses.flatMap(({ record, holder, mark }): Write[] =>
    mark === undefined ? [] : [{ delete: markKey(record, holder) }],
  );
  if (writes.length > 0) await store.write(writes);
}

/**
 * The CRM has refused the write. The tokens stay until `sweep`: another write that is under way may carry them too, and
 * then takes the mark over; and an earlier one whose outcome was never heard may have brought them to the CRM.
 */
export async function release(context: VaultContext, uses: readonly TokenUse[]): Promise<void> {
  let open = uses.flatMap(({ record, holder, mark }) =>
    mark === undefined ? [] : [{ key: markKey(record, holder), mark }],
  );
  for (let round = 0; open.length > 0; round++) {
    if (round === ROUNDS_MAX)
      throw new PrivetError('VAULT_UNAVAILABLE', 'Others used the same tokens all the time.');
    open = await releaseRound(context, open);
  }
}

interface Refused {
  readonly key: string;
  readonly mark: Uint8Array;
}

/** @returns those that others came between */
async function releaseRound({ store, clock }: VaultContext, refused: readonly Refused[]): Promise<Refused[]> {
  const stored = await store.getMany(refused.map(({ key }) => key));
  const steps = refused.flatMap((one, index) => {
    const value = stored[index];
    const left = value && refusedMark(value, one.mark, clock());
    return left === undefined ? [] : [{ one, value, left }];
  });
  if (steps.length === 0) return [];
  const conflicts = await store.writeIf(
    steps.map(({ one: { key }, value, left }) => ({
      expect: [{ key, value }],
      writes: [{ put: key, value: left }],
    })),
  );
  return steps.filter((_, index) => conflicts[index] !== undefined).map(({ one }) => one);
}

/**
 * Binds a provisional data subject to its id, once the CRM has given one: from then on an erasure reaches both. Doing
 * it twice changes nothing.
 */
export async function bind(
  context: VaultContext,
  provisional: { readonly provisional: string },
  dataSubject: { readonly id: string },
): Promise<void> {
  const { store, keyring, clock } = context;
  const bonded = {
    holder: holderOf(keyring, dataSubject),
    provisional: holderOf(keyring, provisional),
  };
  await store.write([bondOf(bonded, clock())]);
  await dropRepeated(context, bonded);
}

import type { GuardedWrite, Write } from '../store/store.ts';
import type { VaultContext } from './context.ts';
import { holderOf } from './holder.ts';
import { decodeMark, encodeMark } from './mark.ts';
import { bondKey, markKey } from './places.ts';
import type { TokenUse } from './tokenize.ts';

/** Confirms tokens for good, when the CRM has taken the write. */
export async function confirm({ store }: VaultContext, uses: readonly TokenUse[]): Promise<void> {
  const writes = uses.flatMap(({ record, holder, mark }): Write[] =>
    mark === undefined ? [] : [{ delete: markKey(record, holder) }],
  );
  if (writes.length > 0) await store.write(writes);
}

/**
 * The CRM has refused the write. The tokens stay until `sweep`: another write that is under way may carry them too, and
 * then takes the mark over.
 */
export async function release({ store, clock }: VaultContext, uses: readonly TokenUse[]): Promise<void> {
  const guarded = uses.flatMap(({ record, holder, mark }): GuardedWrite[] => {
    if (mark === undefined) return [];
    const key = markKey(record, holder);
    const refused = encodeMark({ ...decodeMark(mark), state: 'refused', at: clock() });
    return [{ expect: [{ key, value: mark }], writes: [{ put: key, value: refused }] }];
  });
  if (guarded.length > 0) await store.writeIf(guarded);
}

/**
 * Binds a provisional data subject to its id, once the CRM has given one: from then on an erasure reaches both. Doing
 * it twice changes nothing.
 */
export async function bind(
  { store, keyring }: VaultContext,
  provisional: { readonly provisional: string },
  dataSubject: { readonly id: string },
): Promise<void> {
  const bond = bondKey(holderOf(keyring, dataSubject), holderOf(keyring, provisional));
  await store.write([{ put: bond, value: Buffer.alloc(0) }]);
}

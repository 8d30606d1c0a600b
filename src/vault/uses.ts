import type { Entry, GuardedWrite, Write } from '../store/store.ts';
import type { VaultContext } from './context.ts';
import { readEntries } from './entries.ts';
import { holderOf } from './holder.ts';
import { loadHolderKeys, wipeHolderKeys } from './holder-keys.ts';
import { decodeMark, encodeMark } from './mark.ts';
import { bondKey, lastSegment, MARKS, markKey, recordKey } from './places.ts';
import { decodeRecord } from './record.ts';
import { removeHolder } from './remove-holder.ts';
import type { TokenUse } from './tokenize.ts';

/** The CRM has taken the write: the tokens stand for good. */
export async function confirm({ store }: VaultContext, uses: readonly TokenUse[]): Promise<void> {
  const writes = uses.flatMap(({ record, holder, mark }): Write[] =>
    mark === undefined ? [] : [{ delete: markKey(record, holder) }],
  );
  if (writes.length > 0) await store.write(writes);
}

/**
 * The CRM has refused the write. The tokens stay until `sweep`: another write that is under way may carry them too, and then takes the
 * mark over.
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
 * Says who a provisional data subject was, once the CRM has given an id: from now on the same erasure reaches it. Doing it twice
 * changes nothing.
 */
export async function bind(
  { store, keyring }: VaultContext,
  provisional: { readonly provisional: string },
  dataSubject: { readonly id: string },
): Promise<void> {
  const bond = bondKey(holderOf(keyring, dataSubject), holderOf(keyring, provisional));
  await store.write([{ put: bond, value: Buffer.alloc(0) }]);
}

export interface SweepOptions {
  /** How long ago the CRM must have refused, or the write must have begun. Longer than any request may take. */
  readonly olderThanMs: number;
  /**
   * Asks the CRM whether it holds these tokens, for writes whose outcome was never heard: a connection lost, a crash. Left out, such tokens
   * stay: to lose one that the CRM holds would be to lose its value.
   */
  readonly isHeld?: (tokens: readonly PendingToken[]) => Promise<readonly boolean[]>;
}

export interface PendingToken {
  readonly domain: string;
  readonly token: string;
}

export interface Swept {
  readonly reclaimed: number;
  readonly confirmed: number;
  /** Uses that may have arrived, and nobody could say. */
  readonly unknown: number;
}

/** Reclaims tokens that the CRM never took. What is used again meanwhile stays. */
export async function sweep(context: VaultContext, options: SweepOptions): Promise<Swept> {
  const latest = context.clock() - options.olderThanMs;
  const swept = { reclaimed: 0, confirmed: 0, unknown: 0 };
  for await (const entries of readEntries(context.store, MARKS, context.limits.vaultBatchMax)) {
    const due = entries.filter(({ value }) => decodeMark(value).at <= latest);
    const refused = due.filter(({ value }) => decodeMark(value).state === 'refused');
    const pending = due.filter(({ value }) => decodeMark(value).state === 'pending');
    const asked = await ask(context, pending, options.isHeld);
    swept.unknown += asked.unknown;
    swept.confirmed += await settle(context, asked.held);
    swept.reclaimed += await reclaim(context, [...refused, ...asked.missing]);
  }
  return swept;
}

async function ask(
  { store }: VaultContext,
  pending: readonly Entry[],
  isHeld: SweepOptions['isHeld'],
): Promise<{
  readonly held: readonly Entry[];
  readonly missing: readonly Entry[];
  readonly unknown: number;
}> {
  if (isHeld === undefined || pending.length === 0) return { held: [], missing: [], unknown: pending.length };
  const records = await store.getMany(pending.map(({ key }) => recordKey(useOf(key).id)));
  const named = pending.flatMap((mark, index) => {
    const bytes = records[index];
    return bytes === undefined ? [] : [{ mark, record: decodeRecord(bytes) }];
  });
  const answers = await isHeld(named.map(({ record: { domain, token } }) => ({ domain, token })));
  return {
    held: named.flatMap(({ mark }, index) => (answers[index] === true ? [mark] : [])),
    missing: named.flatMap(({ mark }, index) => (answers[index] === false ? [mark] : [])),
    unknown: named.filter((_, index) => answers[index] === undefined).length,
  };
}

async function settle({ store }: VaultContext, held: readonly Entry[]): Promise<number> {
  if (held.length > 0) await store.write(held.map(({ key }) => ({ delete: key })));
  return held.length;
}

async function reclaim(context: VaultContext, marks: readonly Entry[]): Promise<number> {
  let reclaimed = 0;
  const holders = [...new Set(marks.map(({ key }) => useOf(key).holder))];
  const keys = await loadHolderKeys(context.store, context.keyring, holders);
  try {
    for (const mark of marks) {
      const { id, holder } = useOf(mark.key);
      // A mark that is still the same says that nobody began to use the token again.
      if (await removeHolder(context, id, holder, keys.get(holder), [mark])) reclaimed++;
    }
  } finally {
    wipeHolderKeys(keys);
  }
  return reclaimed;
}

function useOf(key: string): { readonly id: string; readonly holder: string } {
  const holder = lastSegment(key);
  return { id: lastSegment(key.slice(0, -holder.length - 1)), holder };
}

import type { Clock } from '../clock.ts';
import { PrivetError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import { keysUnder, type Store } from '../store/store.ts';
import { type Account, createAccount, type Verdict } from './account.ts';
import { decodeHead, openLedger, partitionOf, removeLedger } from './ledger.ts';

/** Records that one principal may read within a time. */
export interface Allotment {
  /** The principal; several credentials of one principal have one holder. */
  readonly holder: string;
  readonly policy: string;
  readonly recordsMax: number;
  /** Length of the sliding window in milliseconds. */
  readonly perMs: number;
}

/**
 * Counts distinct records that principals read, in one store for all instances. A record counts from its last reading
 * for the length of the window, and up to a sixth longer, because times of reading are kept to a twelfth of it. Read
 * again within that time it costs nothing. The count is exact: within any window of that length nobody gets to read
 * more than the limit, whatever the number of instances, and a restart changes nothing, because what is shown was
 * written down before.
 */
export interface ReadingBudget {
  /**
   * The name that a record is counted under: a keyed hash.
   * @param record without blanks, the same for the same record
   */
  readonly nameOf: (record: string) => string;
  /**
   * Counts records before they are shown, all or none.
   * @param names as `nameOf` gives them, or made up for records that cannot be told from others
   * @returns undefined when all of them have been counted a moment ago: there is nothing to wait for
   * @throws (as rejection) PrivetError BUDGET_UNAVAILABLE
   */
  readonly take: (allotment: Allotment, names: readonly string[]) => Promise<Verdict> | undefined;
  /** Removes what counts nothing any more. @throws the store's own errors */
  readonly sweep: () => Promise<void>;
}

/** The window slides by this part of its length. */
const SLICES = 12;
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const SWEPT_AT_ONCE = 100;
/** An account takes as much memory as this many records, beside its own records. */
const ACCOUNT_WEIGHT = 20;

export interface ReadingBudgetOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly limits: Pick<Limits, 'budgetRecordsHeldMax'>;
  /** Keyed hash of a text, 22 characters of base64url, the same for ever. */
  readonly keyedHash: (text: string) => string;
}

export function createReadingBudget({
  store,
  clock,
  limits,
  keyedHash,
}: ReadingBudgetOptions): ReadingBudget {
  /** In the order in which they were last used. */
  const accounts = new Map<string, Account>();
  /** Upper bound of the accounts' weight. They are weighed again only when it is too much. */
  let weighsAtMost = 0;

  function accountOf({ holder, policy, perMs }: Allotment): Account {
    const key = `${policy} ${perMs} ${holder}`;
    const known = accounts.get(key);
    if (known !== undefined) {
      accounts.delete(key);
      accounts.set(key, known);
      return known;
    }
    const sliceMs = perMs / SLICES;
    const keepMs = perMs + sliceMs;
    const name = keyedHash(`account ${policy} ${holder}`);
    const account = createAccount({
      openLedger: () => openLedger(store, name, keepMs, sliceMs),
      clock,
      keepMs,
      sliceMs,
    });
    accounts.set(key, account);
    weighsAtMost += weightOf(account);
    return account;
  }

  /** Forgets accounts that were not used for longest; what they counted is in the store. */
  function makeRoom(): void {
    if (weighsAtMost <= limits.budgetRecordsHeldMax) return;
    weighsAtMost = accounts.values().reduce((sum, account) => sum + weightOf(account), 0);
    for (const [key, account] of accounts) {
      if (weighsAtMost <= limits.budgetRecordsHeldMax) return;
      if (!account.isIdle()) continue;
      weighsAtMost -= weightOf(account);
      accounts.delete(key);
    }
  }

  async function count(allotment: Allotment, account: Account, names: readonly string[]): Promise<Verdict> {
    const before = account.size();
    try {
      return await account.take(names, allotment.recordsMax);
    } catch (cause) {
      throw new PrivetError('BUDGET_UNAVAILABLE', undefined, { cause });
    } finally {
      weighsAtMost += Math.max(0, account.size() - before);
      makeRoom();
    }
  }

  return {
    nameOf: keyedHash,
    take: (allotment, names) => {
      const account = accountOf(allotment);
      return account.holds(names) ? undefined : count(allotment, account, names);
    },
    sweep: async () => {
      for (const initial of BASE64URL) await sweepPartition(store, clock, partitionOf(initial));
    },
  };
}

async function sweepPartition(store: Store, clock: Clock, partition: string): Promise<void> {
  const prefix = `${partition}/head/`;
  let range = keysUnder(prefix);
  for (;;) {
    const heads = await store.page(range, SWEPT_AT_ONCE);
    for (const { key, value } of heads) {
      if (decodeHead(value).until <= clock()) await removeLedger(store, key.slice(prefix.length), value);
    }
    const last = heads.at(-1);
    if (last === undefined || heads.length < SWEPT_AT_ONCE) return;
    range = { ...range, from: `${last.key}!` };
  }
}

function weightOf(account: Account): number {
  return ACCOUNT_WEIGHT + account.size();
}

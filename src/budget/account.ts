import type { Clock } from '../clock.ts';
import type { Ledger } from './ledger.ts';

/** In every round some instance succeeds; to lose this many in a row to others is a fault. */
const ROUNDS_MAX = 32;

/** Whether records may be shown. */
export type Verdict =
  | {
      readonly granted: true;
      /** How many of them were not counted before. */
      readonly counted: number;
    }
  | {
      readonly granted: false;
      /** Milliseconds until there is room for them; undefined: never, because they are more than the limit. */
      readonly retryMs: number | undefined;
    };

interface Waiting {
  readonly names: readonly string[];
  readonly recordsMax: number;
  readonly resolve: (verdict: Verdict) => void;
  readonly reject: (cause: unknown) => void;
}

/** The records that one principal has read under one limit, as far as this instance knows. */
export interface Account {
  /** True when all of them were counted so lately that nothing has to be written. */
  readonly holds: (names: readonly string[]) => boolean;
  /**
   * Counts the records, all or none, durable once the promise resolves. Whoever asks meanwhile waits for the next
   * write, which is one for all of them.
   * @throws whatever the store throws; nothing is remembered then
   */
  readonly take: (names: readonly string[], recordsMax: number) => Promise<Verdict>;
  readonly size: () => number;
  readonly isIdle: () => boolean;
}

export interface AccountOptions {
  /** What is stored of the account, with nothing of it read yet. */
  readonly openLedger: () => Ledger;
  readonly clock: Clock;
  /** How long a record counts after it was last written down. */
  readonly keepMs: number;
  /** A record that is read again this long after it was written down is written down again. */
  readonly sliceMs: number;
}

export function createAccount({ openLedger, clock, keepMs, sliceMs }: AccountOptions): Account {
  /** Record → when it was last read. Never more than is durable. */
  const seen = new Map<string, number>();
  /** Lower bound of their times. */
  let earliest = Number.POSITIVE_INFINITY;
  /** All times in order, kept once a request was refused, so that repeated requests do not sort them each time. */
  let times: Float64Array | undefined;
  let ledger = openLedger();
  let isRead = false;
  let waiting: Waiting[] = [];
  let isBusy = false;

  const isFresh = (name: string, now: number): boolean => {
    const at = seen.get(name);
    return at !== undefined && now - at < sliceMs;
  };

  function note(at: number, names: Iterable<string>): void {
    for (const name of names) if ((seen.get(name) ?? 0) < at) seen.set(name, at);
    earliest = Math.min(earliest, at);
    times = undefined;
  }

  async function catchUp(): Promise<void> {
    for (const { at, names } of await ledger.catchUp()) note(at, names);
    isRead = true;
  }

  function forgetOld(now: number): void {
    // Accounts grow to a hundred thousand records, and at most writes none of them has expired.
    if (earliest + keepMs > now) return;
    earliest = Number.POSITIVE_INFINITY;
    times = undefined;
    for (const [name, at] of seen) {
      if (at + keepMs <= now) seen.delete(name);
      else earliest = Math.min(earliest, at);
    }
  }

  /** Serves the callers in the order in which they asked. */
  function judge(batch: readonly Waiting[], now: number) {
    const added = new Set<string>();
    let used = seen.size;
    const verdictOn = ({ names, recordsMax }: Waiting): Verdict => {
      const unseen = new Set(names.filter((name) => !seen.has(name) && !added.has(name)));
      const tooMany = used + unseen.size - recordsMax;
      if (unseen.size > 0 && tooMany > 0) {
        return { granted: false, retryMs: unseen.size > recordsMax ? undefined : freeInMs(tooMany, now) };
      }
      used += unseen.size;
      for (const name of names) if (!isFresh(name, now)) added.add(name);
      return { granted: true, counted: unseen.size };
    };
    return { verdicts: batch.map((one) => ({ one, verdict: verdictOn(one) })), added };
  }

  /** Milliseconds until that many of the records no longer count. */
  function freeInMs(count: number, now: number): number {
    times ??= Float64Array.from(seen.values()).sort();
    return (times[count - 1] ?? now) + keepMs - now;
  }

  async function serve(batch: readonly Waiting[]): Promise<void> {
    if (!isRead) await catchUp();
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const now = clock();
      forgetOld(now);
      const { verdicts, added } = judge(batch, now);
      if (added.size === 0 || (await ledger.append({ at: now, names: [...added] }, seen))) {
        note(now, added);
        for (const { one, verdict } of verdicts) one.resolve(verdict);
        return;
      }
      await catchUp();
    }
    throw new Error('Others changed the same account all the time.');
  }

  async function drain(): Promise<void> {
    // Requests of the same turn of the event loop go into the first write.
    await Promise.resolve();
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        await serve(batch);
      } catch (cause) {
        // A failed write may have taken effect, so the ledger is read again.
        seen.clear();
        earliest = Number.POSITIVE_INFINITY;
        times = undefined;
        ledger = openLedger();
        isRead = false;
        for (const { reject } of batch) reject(cause);
      }
    }
    isBusy = false;
  }

  return {
    holds: (names) => {
      const now = clock();
      return names.every((name) => isFresh(name, now));
    },
    take: (names, recordsMax) => {
      const { promise, resolve, reject } = Promise.withResolvers<Verdict>();
      waiting.push({ names, recordsMax, resolve, reject });
      if (!isBusy) {
        isBusy = true;
        void drain();
      }
      return promise;
    },
    size: () => seen.size,
    isIdle: () => !isBusy,
  };
}

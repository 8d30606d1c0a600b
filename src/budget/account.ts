import type { Clock } from '../clock.ts';
import type { Ledger } from './ledger.ts';
import { createReadings, type Readings } from './readings.ts';

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
  const readings = createReadings(keepMs);
  let ledger = openLedger();
  let isRead = false;
  let waiting: Waiting[] = [];
  let isBusy = false;

  const isFresh = (name: string, now: number): boolean => {
    const at = readings.lastRead(name);
    return at !== undefined && now - at < sliceMs;
  };

  async function catchUp(): Promise<void> {
    for (const { at, names } of await ledger.catchUp()) readings.note(at, names);
    isRead = true;
  }

  async function serve(batch: readonly Waiting[]): Promise<void> {
    if (!isRead) await catchUp();
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const now = clock();
      readings.forgetOld(now);
      const verdicts = judge(batch, readings, now);
      const shown = batch.filter((_, index) => verdicts[index]?.granted);
      const added = new Set(shown.flatMap(({ names }) => names.filter((name) => !isFresh(name, now))));
      if (added.size === 0 || (await ledger.append({ at: now, names: [...added] }, readings.all))) {
        readings.note(now, added);
        for (const [index, verdict] of verdicts.entries()) batch[index]?.resolve(verdict);
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
        readings.clear();
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
    size: readings.size,
    isIdle: () => !isBusy,
  };
}

/** Judges the callers in the order in which they asked; one verdict each. */
function judge(batch: readonly Waiting[], readings: Readings, now: number): readonly Verdict[] {
  const added = new Set<string>();
  return batch.map(({ names, recordsMax }) => {
    const unseen = new Set(names.filter((name) => !readings.has(name) && !added.has(name)));
    const tooMany = readings.size() + added.size + unseen.size - recordsMax;
    if (unseen.size > 0 && tooMany > 0) {
      return {
        granted: false,
        retryMs: unseen.size > recordsMax ? undefined : readings.freeInMs(tooMany, now),
      };
    }
    for (const name of unseen) added.add(name);
    return { granted: true, counted: unseen.size };
  });
}

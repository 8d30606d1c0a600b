import type { Limits } from '../limits.ts';
import type { ConsentEvent } from '../model/consent.ts';
import { isEvent, type Observation, type Seen } from './observe.ts';

/** Takes what answers and requests show of consent in CRMs, without holding up the request. */
export interface ConsentFeed {
  /**
   * Never waits and never throws. Observations for which there is no room are dropped: a field is seen again when its
   * record is next read. Events, which are seen once only, are kept until they can be appended.
   */
  readonly observe: (seen: readonly Seen[]) => void;
  /** What fields have said lately: to observe the same again would change nothing. */
  readonly lately: () => SaidLately;
}

/** What fields have said lately. */
export interface SaidLately {
  /** True when the record's field for the purpose has said so lately. */
  readonly has: (record: string, purpose: string, granted: boolean) => boolean;
  /** Another number whenever `has` may no longer be true of what it was true of. */
  readonly version: () => number;
}

export interface OpenConsentFeed extends ConsentFeed {
  /** Observations that were lost since the start. */
  readonly lost: () => number;
  /** Events that are not in the registry yet. */
  readonly waiting: () => number;
  /** Accepts nothing more. Resolves when all that waits has been appended or dropped. */
  readonly close: () => Promise<void>;
}

export interface ConsentFeedOptions {
  /** Appends what is new of it. */
  readonly append: (seen: readonly Seen[]) => Promise<unknown>;
  readonly limits: Pick<Limits, 'consentBatchMax' | 'consentFeedMax'>;
  /** Called with the first failure after a success. */
  readonly failed: (error: unknown) => void;
}

/** Between attempts to append events, doubled after each that fails. */
const RETRY_MS = 1_000;
const RETRY_MS_MAX = 60_000;

export function createConsentFeed({ append, limits, failed }: ConsentFeedOptions): OpenConsentFeed {
  const recent = createRecent(limits.consentFeedMax);
  let waiting: Seen[] = [];
  let kept: ConsentEvent[] = [];
  let retry: NodeJS.Timeout | undefined;
  let retryMs = RETRY_MS;
  let running: Promise<void> | undefined;
  let lost = 0;
  let isFailing = false;
  let isClosed = false;

  async function drain(): Promise<void> {
    clearTimeout(retry);
    waiting = [...kept, ...waiting];
    kept = [];
    while (waiting.length > 0) {
      const batch = waiting.slice(0, limits.consentBatchMax);
      waiting = waiting.slice(batch.length);
      try {
        await append(batch);
        isFailing = false;
      } catch (error) {
        for (const seen of batch) {
          if (isEvent(seen)) kept.push(seen);
          else forget(seen);
        }
        if (!isFailing) failed(error);
        isFailing = true;
      }
    }
    running = undefined;
    if (kept.length === 0) retryMs = RETRY_MS;
    else if (!isClosed) tryAgain();
  }

  /** Retries with the next observation, or after a while without one. */
  function tryAgain(): void {
    retry = setTimeout(() => {
      retryMs = Math.min(2 * retryMs, RETRY_MS_MAX);
      running ??= drain();
    }, retryMs).unref();
  }

  function forget(seen: Observation): void {
    lost += 1;
    recent.forget(seen);
  }

  return {
    observe: (seen) => {
      recent.age();
      for (const one of seen) {
        if (!isEvent(one) && recent.has(one.who.record, one.purpose, one.granted)) continue;
        if (isClosed || waiting.length + kept.length >= limits.consentFeedMax) {
          lost += 1;
          continue;
        }
        if (!isEvent(one)) recent.note(one);
        waiting.push(one);
      }
      if (waiting.length > 0) running ??= drain();
    },
    lately: () => {
      recent.age();
      return recent;
    },
    lost: () => lost,
    waiting: () => kept.length + waiting.filter(isEvent).length,
    close: async () => {
      isClosed = true;
      await running;
      await drain();
      lost += kept.length;
    },
  };
}

/**
 * How long the same value of the same field is not looked up again. Another instance may have seen another value
 * meanwhile.
 */
const RECENT_MS = 30_000;

interface Recent extends SaidLately {
  /** Forgets what was noted too long ago. To be called before the other methods. */
  readonly age: () => void;
  readonly note: (seen: Observation) => void;
  readonly forget: (seen: Observation) => void;
}

/** What fields said, by record; one of these for each purpose. */
type Values = Map<string, boolean>;

/**
 * The recent values of fields: pages repeat their records.
 * @param sizeMax fields of a generation, of which there are two
 */
function createRecent(sizeMax: number): Recent {
  let young = new Map<string, Values>();
  let old = new Map<string, Values>();
  let size = 0;
  let version = 0;
  let begun = performance.now();
  function renew(next: Map<string, Values>): void {
    version++;
    old = next;
    young = new Map();
    size = 0;
    begun = performance.now();
  }
  const has: SaidLately['has'] = (record, purpose, granted) =>
    (young.get(purpose)?.get(record) ?? old.get(purpose)?.get(record)) === granted;
  return {
    age: () => {
      const age = performance.now() - begun;
      // What was noted up to a generation ago is forgotten with it, or at once when nothing came for longer.
      if (age > 2 * RECENT_MS) renew(new Map());
      else if (age > RECENT_MS) renew(young);
    },
    has,
    version: () => version,
    note: ({ who: { record }, purpose, granted }) => {
      if (size >= sizeMax) renew(young);
      if (has(record, purpose, !granted)) version++;
      let values = young.get(purpose);
      if (values === undefined) {
        values = new Map();
        young.set(purpose, values);
      }
      values.set(record, granted);
      size++;
    },
    forget: ({ who: { record }, purpose }) => {
      version++;
      young.get(purpose)?.delete(record);
      old.get(purpose)?.delete(record);
    },
  };
}

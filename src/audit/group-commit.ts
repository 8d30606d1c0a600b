import { setImmediate as turnEnd } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import { PrivetError } from '../errors.ts';
import type { AuditEntry } from '../model/audit-event.ts';
import { seal } from './chain.ts';
import type { Spool, WrittenEvent } from './spool.ts';

interface Waiting {
  readonly entry: AuditEntry;
  readonly timeMs: number;
  readonly done: () => void;
  readonly fail: (error: PrivetError) => void;
}

/** Writes audit entries in groups; see `groupCommit`. */
export interface GroupCommit {
  /** Resolves when the entry is durable. @throws (as rejection) PrivetError AUDIT_UNAVAILABLE */
  readonly add: (entry: AuditEntry) => Promise<void>;
  /** False when the disk has refused the last write. */
  readonly isWritable: () => boolean;
  /** True while entries are refused for lack of room. */
  readonly isFull: () => boolean;
  /** To be called when events were removed from the spool. */
  readonly madeRoom: () => void;
  /** Writes what is waiting; resolves when it is written. */
  readonly settled: () => Promise<void> | undefined;
}

export function unavailable(detail: string, cause?: unknown): PrivetError {
  return new PrivetError('AUDIT_UNAVAILABLE', detail, cause === undefined ? undefined : { cause });
}

/** Seals as many of the waiting entries as there is room for. */
function sealAll(spool: Spool, waiting: readonly Waiting[], roomBytes: number): readonly WrittenEvent[] {
  const { instance } = spool;
  const sealed: WrittenEvent[] = [];
  let { seq, hash: prev } = spool.head();
  let left = roomBytes;
  let at: number | undefined;
  let time = '';
  for (const { entry, timeMs } of waiting) {
    if (timeMs !== at) {
      at = timeMs;
      time = new Date(timeMs).toISOString();
    }
    const { value, hash } = seal(entry, { instance, seq: seq + 1, prev, time });
    left -= value.length;
    if (left < 0) break;
    seq += 1;
    prev = hash;
    sealed.push({ seq, hash, value });
  }
  return sealed;
}

/** How long a completion, for which no answer waits, may stay in memory. */
const COMPLETION_WAIT_MS = 10;

/**
 * Takes entries from any number of requests and writes them in groups: while one group is on its way to the disk, the
 * next one gathers, so that many requests share one fsync. No answer waits for a completion, so completions do not
 * begin a group: they go with the next decision, or after a moment. Otherwise the next request would find the disk busy
 * with the end of the last one, and wait for two groups instead of one. Numbers and hashes are given only when a group
 * is written; a group that fails takes nothing from the chain.
 * @param appended called when events have been written
 */
export function groupCommit(
  spool: Spool,
  clock: Clock,
  spoolBytesMax: number,
  appended: () => void,
): GroupCommit {
  let waiting: Waiting[] = [];
  let running: Promise<void> | undefined;
  let isDue = false;
  let timer: NodeJS.Timeout | undefined;
  let full = false;
  let writable = true;

  const commit = async (group: readonly Waiting[]): Promise<void> => {
    let written = 0;
    let failure: PrivetError | undefined;
    try {
      const sealed = sealAll(spool, group, spoolBytesMax - spool.bytes());
      full = sealed.length < group.length;
      if (full) failure = unavailable('The spool is full (limits.spoolBytesMax).');
      if (sealed.length > 0) await spool.append(sealed);
      written = sealed.length;
      writable = true;
    } catch (cause) {
      writable = false;
      failure = unavailable('The spool cannot be written.', cause);
    }
    group.forEach((entry, index) => {
      if (index >= written && failure !== undefined) entry.fail(failure);
      else entry.done();
    });
    if (written > 0) appended();
  };

  const drain = async (): Promise<void> => {
    while (isDue) {
      // Lets all requests of this turn of the event loop join the group: a third fewer writes under load. It delays
      // none, because requests to the CRM leave at the end of the turn too.
      await turnEnd();
      isDue = false;
      const group = waiting;
      waiting = [];
      if (group.length > 0) await commit(group);
    }
    running = undefined;
  };

  const write = (): void => {
    clearTimeout(timer);
    timer = undefined;
    isDue = true;
    running ??= drain();
  };

  return {
    add: (entry: AuditEntry): Promise<void> =>
      new Promise((done, fail) => {
        waiting.push({ entry, timeMs: clock(), done, fail });
        if (entry.phase === 'completion' || entry.phase === 'login')
          timer ??= setTimeout(write, COMPLETION_WAIT_MS);
        else write();
      }),
    isWritable: () => writable,
    isFull: () => full && spool.bytes() > 0,
    madeRoom: () => {
      full = false;
    },
    settled: () => {
      write();
      return running;
    },
  };
}

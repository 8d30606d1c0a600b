import type { Clock } from '../clock.ts';
import type { Limits } from '../limits.ts';
import type { AuditEntry } from '../model/audit-event.ts';
import type { Journal } from '../store/journal.ts';
import type { RedisStreamConfig } from './config.ts';
import { groupCommit, unavailable } from './group-commit.ts';
import { type Shipping, startShipping } from './ship.ts';
import { openSpool } from './spool.ts';

export interface AuditState {
  readonly instance: string;
  /** Events on disk that wait to be shipped. */
  readonly depthEvents: number;
  /** Their bytes. */
  readonly bytes: number;
  /** Number of the last event that Redis has acknowledged. */
  readonly shipped: number;
  readonly redis: 'off' | 'up' | 'away';
  /** Why Redis is away: an error's code, such as ECONNREFUSED, NOAUTH or TIMEOUT. */
  readonly awayBecause?: string;
  /** True while new events are refused for lack of room. */
  readonly full: boolean;
  /** False when the disk has refused the last write. */
  readonly writable: boolean;
}

/** The audit trail of this instance. */
export interface AuditLog {
  /**
   * Resolves when the event is durable on disk, whatever Redis does.
   *
   * @throws PrivetError AUDIT_UNAVAILABLE when the spool has no room or the disk cannot be written: the event is not in
   * the chain
   */
  readonly record: (entry: AuditEntry) => Promise<void>;
  readonly state: () => AuditState;
  /**
   * Writes the pending events and stops shipping. Events that were not shipped stay in the spool for the next start.
   */
  readonly close: () => Promise<void>;
}

export interface AuditLogOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly limits: Pick<
    Limits,
    | 'spoolBytesMax'
    | 'auditBatchMax'
    | 'auditBatchBytesMax'
    | 'auditShippedKeptMin'
    | 'auditShipTimeoutMs'
    | 'auditReconnectMsMax'
  >;
  /** Left out: events stay in the spool. */
  readonly redis?: RedisStreamConfig;
}

/**
 * Opens the audit trail of this instance; the chain continues behind its last durable event.
 *
 * @throws Error when the spool is damaged
 */
export async function openAuditLog({ journal, clock, limits, redis }: AuditLogOptions): Promise<AuditLog> {
  const spool = await openSpool(journal, limits);
  let shipping: Shipping | undefined;
  let closing: Promise<void> | undefined;
  const commits = groupCommit(spool, clock, limits.spoolBytesMax, () => shipping?.wake());
  if (redis !== undefined) {
    shipping = startShipping({ spool, redis, limits, shipped: commits.madeRoom });
  }
  const close = async (): Promise<void> => {
    await commits.settled();
    await shipping?.close();
    // A full disk keeps nobody from ending: the next start reads on from the last note.
    await spool.note().catch(() => undefined);
  };
  return {
    record: (entry) =>
      closing !== undefined ? Promise.reject(unavailable('The audit log is closed.')) : commits.add(entry),
    state: () => {
      const shipped = spool.trimmed().seq;
      return {
        instance: spool.instance,
        depthEvents: spool.head().seq - shipped,
        bytes: spool.bytes(),
        shipped,
        full: commits.isFull(),
        writable: commits.isWritable(),
        ...(shipping?.state() ?? { redis: 'off' }),
      };
    },
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

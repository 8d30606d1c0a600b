import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditEvent } from '../model/audit-event.ts';
import type { JournalReader } from '../store/journal-reader.ts';
import { unseal } from './chain.ts';
import type { RedisStreamConfig } from './config.ts';
import type { AuditSources } from './query.ts';
import { readEventsAfter } from './spool.ts';
import { openStream } from './stream.ts';

export interface TailOptions {
  /** `now`: only events to come. */
  readonly from: 'start' | 'now';
  /** Goes on when the end is reached. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

/** Pause between two looks into the spool. */
const POLL_MS = 200;

async function* tailStream(
  redis: RedisStreamConfig,
  limits: AuditSources['limits'],
  { from, follow, signal }: TailOptions,
): AsyncGenerator<string> {
  const stream = await openStream(redis, {
    timeoutMs: limits.auditShipTimeoutMs,
    batchMax: limits.auditBatchMax,
  });
  try {
    if (from === 'now') await stream.skipToEnd();
    while (!signal.aborted) {
      yield* stream.drain();
      if (!follow) return;
      await stream.wait();
    }
  } finally {
    stream.close();
  }
}

async function* tailSpools(
  spools: readonly JournalReader[],
  limits: AuditSources['limits'],
  { from, follow, signal }: TailOptions,
): AsyncGenerator<string> {
  const places = await Promise.all(
    spools.map(async (spool) => ({ spool, seq: from === 'now' ? ((await spool.end())?.number ?? 0) : 0 })),
  );
  while (!signal.aborted) {
    let isOver = true;
    for (const place of places) {
      const events = await readEventsAfter(place.spool, place.seq, limits.auditBatchMax);
      for (const event of events) {
        isOver = false;
        place.seq = event.seq;
        yield event.text;
      }
    }
    if (!isOver) continue;
    if (!follow) return;
    await sleep(POLL_MS, undefined, { signal }).catch(() => {});
  }
}

/**
 * Follows the audit events: those of all instances from the stream where one is configured, else those of these spools,
 * each in its order. Ends when the signal is aborted, within about a second.
 *
 * @throws RedisAway when the stream cannot be read
 * @throws Error at an event that was altered
 */
export async function* tailEvents(
  { spools, redis, limits }: AuditSources,
  options: TailOptions,
): AsyncGenerator<AuditEvent> {
  for await (const text of textsOf(spools, redis, limits, options)) {
    const event = unseal(text);
    if (event === undefined) throw new Error('The audit trail holds an event that was altered: verify it.');
    yield event;
    if (options.signal.aborted) return;
  }
}

function textsOf(
  spools: readonly JournalReader[],
  redis: RedisStreamConfig | undefined,
  limits: AuditSources['limits'],
  options: TailOptions,
): AsyncGenerator<string> {
  if (redis !== undefined) return tailStream(redis, limits, options);
  if (spools.length > 0) return tailSpools(spools, limits, options);
  throw new Error('There is neither a stream nor a spool to read audit events from.');
}

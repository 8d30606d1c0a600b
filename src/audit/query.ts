import type { Limits } from '../limits.ts';
import type { ReadableStore } from '../store/store.ts';
import type { RedisStreamConfig } from './config.ts';
import { readEventsAfter, readExtent } from './spool.ts';
import { openStream, type StreamReader } from './stream.ts';
import { type ChainVerifier, chainVerifier, type InstanceReport } from './verify.ts';

/** Where audit events lie: the store of one instance, which another process may be writing to, the stream of all, or both. */
export interface AuditSources {
  readonly store?: ReadableStore;
  readonly redis?: RedisStreamConfig;
  readonly limits: Pick<Limits, 'auditBatchMax' | 'auditShipTimeoutMs'>;
}

export interface AuditVerification {
  /** True when every chain is whole. */
  readonly ok: boolean;
  readonly instances: readonly InstanceReport[];
}

/**
 * Events of the spool up to `end`, from where the verifier stands. What was shipped and removed while we read is fetched from the stream
 * first, so that none is missed between the two; an event may come twice.
 */
async function* spoolUpTo(
  end: number,
  store: ReadableStore,
  batchMax: number,
  lastSeq: () => number,
  drainStream: () => AsyncIterable<string>,
): AsyncGenerator<string> {
  let seq = lastSeq();
  while (seq < end) {
    const events = await readEventsAfter(store, seq, batchMax);
    const first = events[0];
    if (first === undefined || first.seq > seq + 1) yield* drainStream();
    if (first === undefined) return;
    for (const event of events) {
      if (event.seq > lastSeq()) yield event.text;
      seq = event.seq;
    }
    seq = Math.max(seq, lastSeq());
  }
}

async function* nothing(): AsyncGenerator<string> {
  // There is no stream.
}

/** Says to the verifier how far the chain of each instance must reach, by its cursor. */
async function expectCursors(verifier: ChainVerifier, stream: StreamReader): Promise<void> {
  const marks: { instance: string; seq: number; hash: string }[] = [];
  for (const { instance } of verifier.report()) {
    const cursor = await stream.cursor(instance);
    if (cursor !== undefined) marks.push({ instance, ...cursor });
  }
  // The cursors may be younger than what was read before them.
  for await (const text of stream.drain()) verifier.add(text);
  for (const mark of marks) verifier.expectEnd(mark.instance, mark);
}

/**
 * Checks every chain in the stream and the spool, reading as it goes: memory does not grow with the number of events.
 *
 * @throws RedisAway when a stream is configured and cannot be read
 */
export async function verifyAudit(sources: AuditSources): Promise<AuditVerification> {
  const { store, redis, limits } = sources;
  const verifier = chainVerifier();
  const extent = store && (await readExtent(store));
  const stream =
    redis &&
    (await openStream(redis, { timeoutMs: limits.auditShipTimeoutMs, batchMax: limits.auditBatchMax }));
  try {
    if (stream !== undefined) {
      for await (const text of stream.drain()) verifier.add(text);
    } else if (extent !== undefined) {
      // Without the stream the anchor stands for what was shipped to it.
      verifier.anchor(extent.instance, extent.trimmed);
    }
    if (store !== undefined && extent !== undefined) {
      const { instance, head, trimmed } = extent;
      const lastSeq = () => verifier.lastSeq(instance) || (stream === undefined ? trimmed.seq : 0);
      const drain = stream?.drain ?? nothing;
      for await (const text of spoolUpTo(head.seq, store, limits.auditBatchMax, lastSeq, drain))
        verifier.add(text);
      if (head.seq > 0) verifier.expectEnd(instance, head);
    }
    if (stream !== undefined) await expectCursors(verifier, stream);
  } finally {
    stream?.close();
  }
  const instances = verifier.report();
  return { ok: instances.every(({ ok }) => ok), instances };
}

import type { Limits } from '../limits.ts';
import { JournalDamage, type JournalReader } from '../store/journal-reader.ts';
import type { RedisStreamConfig } from './config.ts';
import { readEventsAfter, readNote, type SpoolNote } from './spool.ts';
import { openStream, type StreamReader } from './stream.ts';
import { type ChainVerifier, chainVerifier, type InstanceReport } from './verify.ts';

/**
 * Where audit events are: the spools on this machine, which other processes may be writing to, the stream of all
 * instances, or both.
 */
export interface AuditSources {
  readonly spools: readonly JournalReader[];
  readonly redis?: RedisStreamConfig;
  readonly limits: Pick<Limits, 'auditBatchMax' | 'auditShipTimeoutMs'>;
}

export interface AuditVerification {
  /** True when every chain is whole. */
  readonly ok: boolean;
  readonly instances: readonly InstanceReport[];
}

/**
 * Events of the spool, from where the verifier stands to the end. What was shipped and removed while we read is fetched
 * from the stream first, so that none is missed between the two; an event may come twice.
 */
async function* spooled(
  spool: JournalReader,
  batchMax: number,
  lastSeq: () => number,
  drainStream: () => AsyncIterable<string>,
): AsyncGenerator<string> {
  let seq = lastSeq();
  for (;;) {
    const events = await readEventsAfter(spool, seq, batchMax);
    if (events[0] !== undefined && events[0].seq > seq + 1) yield* drainStream();
    for (const event of events) {
      if (event.seq > lastSeq()) yield event.text;
      seq = event.seq;
    }
    if (events.length < batchMax) return;
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

interface NotedSpool {
  readonly spool: JournalReader;
  readonly note: SpoolNote;
}

/**
 * Checks every chain in the stream and the spools, reading as it goes: memory does not grow with the number of events.
 *
 * @throws RedisAway when a stream is configured and cannot be read
 */
export async function verifyAudit({ spools, redis, limits }: AuditSources): Promise<AuditVerification> {
  const verifier = chainVerifier();
  const noted = spools.flatMap((spool): NotedSpool[] => {
    const note = readNote(spool);
    return note === undefined ? [] : [{ spool, note }];
  });
  const stream =
    redis &&
    (await openStream(redis, { timeoutMs: limits.auditShipTimeoutMs, batchMax: limits.auditBatchMax }));
  try {
    if (stream !== undefined) {
      const cursors = await Promise.all(noted.map(({ note }) => stream.cursor(note.instance)));
      for await (const text of stream.drain()) verifier.add(text);
      // The spool's files may still hold shipped events. These must not hide that the stream has lost them.
      for (const [index, { note }] of noted.entries()) {
        const cursor = cursors[index];
        if (cursor !== undefined) verifier.expectEnd(note.instance, cursor);
      }
    } else {
      // Without the stream, the anchor vouches for the events that were shipped.
      for (const { note } of noted) verifier.anchor(note.instance, note.trimmed);
    }
    for (const one of noted) await addSpooled(verifier, one, stream, limits.auditBatchMax);
    if (stream !== undefined) await expectCursors(verifier, stream);
  } finally {
    stream?.close();
  }
  const instances = verifier.report();
  return { ok: instances.every(({ ok }) => ok), instances };
}

async function addSpooled(
  verifier: ChainVerifier,
  { spool, note: { instance, head, trimmed } }: NotedSpool,
  stream: StreamReader | undefined,
  batchMax: number,
): Promise<void> {
  const lastSeq = () => verifier.lastSeq(instance) || (stream === undefined ? trimmed.seq : 0);
  const drain = stream?.drain ?? nothing;
  try {
    for await (const text of spooled(spool, batchMax, lastSeq, drain)) verifier.add(text);
    if (head.seq > 0) verifier.expectEnd(instance, head);
  } catch (error) {
    if (!(error instanceof JournalDamage)) throw error;
    verifier.unreadable(instance, error);
  }
}

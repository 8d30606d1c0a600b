import type { Limits } from '../limits.ts';
import { JournalDamage, type JournalReader } from '../store/journal-reader.ts';
import type { RedisStreamConfig } from './config.ts';
import { noteMissing, readEventsAfter, readNote, type SpoolNote } from './spool.ts';
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

async function addStreamed(verifier: ChainVerifier, stream: StreamReader | undefined): Promise<void> {
  if (stream === undefined) return;
  for await (const text of stream.drain()) verifier.add(text);
}

/**
 * Says to the verifier how far the chain of each instance must reach, by its cursor. An instance may have a cursor and no
 * event any more.
 */
async function expectCursors(verifier: ChainVerifier, stream: StreamReader): Promise<void> {
  const marks: { instance: string; seq: number; hash: string }[] = [];
  const read = verifier.report().map(({ instance }) => instance);
  for (const instance of new Set([...read, ...(await stream.instances())])) {
    const cursor = await stream.cursor(instance);
    if (cursor !== undefined) marks.push({ instance, ...cursor });
  }
  // The cursors may be younger than what was read before them.
  await addStreamed(verifier, stream);
  for (const mark of marks) verifier.expectEnd(mark.instance, mark);
}

interface NotedSpool {
  readonly spool: JournalReader;
  readonly note: SpoolNote;
}

/** Undefined where no event was ever recorded. @throws Error when events are there and their note is not */
async function notedSpool(spool: JournalReader): Promise<NotedSpool | undefined> {
  const note = readNote(spool);
  if (note !== undefined) return { spool, note };
  if ((await spool.end()) !== undefined) throw noteMissing();
  return undefined;
}

/**
 * Checks every chain in the stream and the spools, reading as it goes: memory does not grow with the number of events.
 *
 * @throws RedisAway when a stream is configured and cannot be read
 * @throws Error when the note of a spool is gone or cannot be read
 */
export async function verifyAudit({ spools, redis, limits }: AuditSources): Promise<AuditVerification> {
  const verifier = chainVerifier();
  const noted = (await Promise.all(spools.map(notedSpool))).filter((spool) => spool !== undefined);
  const stream =
    redis &&
    (await openStream(redis, { timeoutMs: limits.auditShipTimeoutMs, batchMax: limits.auditBatchMax }));
  try {
    if (stream !== undefined) {
      const cursors = await Promise.all(noted.map(({ note }) => stream.cursor(note.instance)));
      await addStreamed(verifier, stream);
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
  try {
    const from = verifier.lastSeq(instance) || (stream === undefined ? trimmed.seq : 0);
    await addRest(verifier, { spool, instance, from }, stream, batchMax);
    if (head.seq > 0) verifier.expectEnd(instance, head);
  } catch (error) {
    if (!(error instanceof JournalDamage)) throw error;
    verifier.unreadable(instance, error);
  }
}

/**
 * Adds the events of a spool behind `from`. What was shipped and removed while we read is fetched from the stream first,
 * so that none is missed between the two. Files may be removed anywhere in what was read at once, not only before it.
 */
async function addRest(
  verifier: ChainVerifier,
  { spool, instance, from }: { spool: JournalReader; instance: string; from: number },
  stream: StreamReader | undefined,
  batchMax: number,
): Promise<void> {
  let last = from;
  for (;;) {
    const events = await readEventsAfter(spool, last, batchMax);
    for (const { seq, text } of events) {
      if (seq > last + 1) await addStreamed(verifier, stream);
      if (seq > verifier.lastSeq(instance)) verifier.add(text, true);
      last = Math.max(seq, verifier.lastSeq(instance));
    }
    if (events.length < batchMax) return;
  }
}

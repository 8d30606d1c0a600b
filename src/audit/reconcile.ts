import type { Redis } from 'ioredis';
import type { Limits } from '../limits.ts';
import { RedisAway } from '../store/redis-away.ts';
import { GENESIS, unseal } from './chain.ts';
import { type Cursor, parseCursor } from './cursor.ts';
import type { Spool } from './spool.ts';
import { eventOf } from './stream.ts';

/** What is brought into agreement: the spool, and the stream in Redis. */
export interface Reconciling {
  readonly spool: Spool;
  /** Key of the stream. */
  readonly stream: string;
  readonly limits: Pick<Limits, 'auditBatchMax'>;
  /** Called after events were acknowledged and removed from the spool. */
  readonly shipped: () => void;
}

/** The last event of this instance in the stream, where its cursor is missing: it may have been evicted alone. */
async function lastInStream({ spool, stream, limits }: Reconciling, redis: Redis): Promise<Cursor> {
  // An access list may forbid reading; then some events are sent twice.
  const entries = await redis.xrevrange(stream, '+', '-', 'COUNT', limits.auditBatchMax).catch(() => []);
  for (const entry of entries) {
    const event = unseal(eventOf(entry));
    if (event?.instance === spool.instance) return event;
  }
  return { seq: 0, hash: GENESIS };
}

/**
 * Brings the anchor of the spool to where the cursor stands: forward over events that have landed although their reply
 * was lost, and back where the cursor is missing or behind. Redis has then lost events that it had acknowledged (a
 * crash, a failover), and they are sent again as far as they are still on disk.
 *
 * @throws RedisAway DIVERGED when the cursor speaks of an event that is not in this chain: the spool was restored from
 * an old copy, or two instances run on copies of one store. Nothing is sent then, because one id would name two
 * contents.
 */
export async function reconcile(options: Reconciling, redis: Redis, cursor: string): Promise<void> {
  const { spool, limits, shipped } = options;
  const landed = cursor === '' ? await lastInStream(options, redis) : parseCursor(cursor);
  if (landed === undefined) throw new RedisAway('DIVERGED');
  if (landed.seq < spool.trimmed().seq) await spool.rewind(landed.seq);
  const anchor = spool.trimmed();
  if (landed.seq < anchor.seq) return;
  const [named] = landed.seq === anchor.seq ? [anchor] : await spool.after(landed.seq - 1, 1);
  if (named?.hash !== landed.hash) throw new RedisAway('DIVERGED');
  while (landed.seq > spool.trimmed().seq) {
    const { seq } = spool.trimmed();
    await spool.trim(await spool.after(seq, Math.min(limits.auditBatchMax, landed.seq - seq)));
    shipped();
  }
}

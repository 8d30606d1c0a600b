import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { Limits } from '../limits.ts';
import { reasonOf } from '../store/redis-away.ts';
import type { RedisStreamConfig } from './config.ts';
import { cursorKey, formatCursor } from './cursor.ts';
import { reconcile } from './reconcile.ts';
import { type Connection, connect } from './redis-client.ts';
import type { Spool, SpooledEvent } from './spool.ts';

/**
 * Adds a batch to the stream if, and only if, the cursor still stands where this batch begins; returns where it stands
 * afterwards. A batch whose reply was lost may be executed late, from the buffers of a connection long given up: it
 * then finds the cursor moved and does nothing. The cursor is set before the events are added, because a refused SET
 * (an ACL) after them would send them twice; and put back when the first event is refused (WRONGTYPE), because a script
 * is not rolled back.
 */
const APPEND = `
local cursor = redis.call('GET', KEYS[2]) or ''
if cursor ~= ARGV[1] then return cursor end
redis.call('SET', KEYS[2], ARGV[2])
for i = 3, #ARGV do
  local added = redis.pcall('XADD', KEYS[1], '*', 'event', ARGV[i])
  if type(added) == 'table' and added.err then
    redis.call('SET', KEYS[2], ARGV[1])
    return added
  end
end
return ARGV[2]`;

export interface ShippingState {
  readonly redis: 'up' | 'away';
  readonly awayBecause?: string;
}

export interface Shipping {
  /** To be called when there are new events. */
  readonly wake: () => void;
  readonly state: () => ShippingState;
  readonly close: () => Promise<void>;
}

export interface ShippingOptions {
  readonly spool: Spool;
  readonly redis: RedisStreamConfig;
  readonly limits: Pick<
    Limits,
    'auditBatchMax' | 'auditBatchBytesMax' | 'auditShipTimeoutMs' | 'auditReconnectMsMax'
  >;
  /** Called after events were acknowledged and removed from the spool. */
  readonly shipped: () => void;
}

/** The first events that fit into `bytesMax`, at least one. */
function withinBytes(events: readonly SpooledEvent[], bytesMax: number): readonly SpooledEvent[] {
  let bytes = 0;
  const end = events.findIndex((event, index) => {
    bytes += event.bytes;
    return index > 0 && bytes > bytesMax;
  });
  return end === -1 ? events : events.slice(0, end);
}

/**
 * Starts to ship what is in the spool, in order, and goes on until closed. Never throws: what goes wrong shows in
 * `state`.
 */
export function startShipping(options: ShippingOptions): Shipping {
  const { spool, limits } = options;
  const { url, stream } = options.redis;
  const reconciling = { ...options, stream };
  const closing = new AbortController();
  let state: ShippingState = { redis: 'away', awayBecause: 'CONNECTING' };
  let news = Promise.withResolvers<void>();
  let connection: Connection | undefined;
  let isLast = false;

  const wake = (): void => news.resolve();

  /** Sends what waits until there is no more. @returns where the cursor stands then */
  const sendWaiting = async (redis: Redis, key: string, start: string): Promise<string> => {
    let cursor = start;
    while (!closing.signal.aborted) {
      news = Promise.withResolvers();
      const waiting = await spool.after(spool.trimmed().seq, limits.auditBatchMax);
      const events = withinBytes(waiting, limits.auditBatchBytesMax);
      const last = events.at(-1);
      if (last === undefined) break;
      const texts = events.map(({ text }) => text);
      const goal = formatCursor(last);
      const reached = String(await redis.eval(APPEND, 2, stream, key, cursor, goal, ...texts));
      state = { redis: 'up' };
      if (reached === goal) {
        await spool.trim(events);
        options.shipped();
      } else {
        await reconcile(reconciling, redis, reached);
      }
      cursor = reached;
    }
    return cursor;
  };

  const sendAll = async ({ redis, lostBecause }: Connection): Promise<void> => {
    const key = cursorKey(stream, spool.instance);
    let cursor = (await redis.get(key)) ?? '';
    await reconcile(reconciling, redis, cursor);
    while (!closing.signal.aborted) {
      cursor = await sendWaiting(redis, key, cursor);
      const lost = lostBecause();
      if (lost !== undefined) throw lost;
      state = { redis: 'up' };
      if (isLast) return;
      await news.promise;
    }
  };

  const run = async (): Promise<void> => {
    let failures = 0;
    while (!closing.signal.aborted) {
      try {
        connection = await connect(url, {
          timeoutMs: limits.auditShipTimeoutMs,
          signal: closing.signal,
          onLost: wake,
        });
        await sendAll(connection);
        return;
      } catch (error) {
        failures = state.redis === 'up' ? 0 : failures + 1;
        state = { redis: 'away', awayBecause: reasonOf(error) };
        const pauseMs = Math.min(100 * 2 ** failures, limits.auditReconnectMsMax);
        connection?.close();
        if (isLast) return;
        await sleep(pauseMs, undefined, { signal: closing.signal }).catch(() => {});
      }
    }
  };

  const running = run();
  return {
    wake,
    state: () => state,
    close: async () => {
      isLast = true;
      const giveUp = (): void => {
        closing.abort();
        wake();
        connection?.close();
      };
      // Ships the rest of the spool now if Redis answers, otherwise at the next start.
      const timer = setTimeout(giveUp, limits.auditShipTimeoutMs);
      if (state.redis === 'up') wake();
      else giveUp();
      await running;
      clearTimeout(timer);
      connection?.close();
    },
  };
}

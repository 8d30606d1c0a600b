import type { Redis } from 'ioredis';
import { RedisAway, reasonOf } from '../store/redis-away.ts';
import type { RedisStreamConfig } from './config.ts';
import { cursorKey, cursorKeys, instanceOf, parseCursor } from './cursor.ts';
import { connect } from './redis-client.ts';

/** Reads the stream from its beginning, on one connection. */
export interface StreamReader {
  /** Events added since the last drain, as sealed texts, up to the end that the stream has at this moment. */
  readonly drain: () => AsyncGenerator<string>;
  /** The last event that an instance has shipped, according to its cursor. */
  readonly cursor: (instance: string) => Promise<{ readonly seq: number; readonly hash: string } | undefined>;
  /** The instances that have a cursor, some perhaps twice; none where an access list forbids to search for them. */
  readonly instances: () => Promise<readonly string[]>;
  /** Waits for new events, at most about a second. */
  readonly wait: () => Promise<void>;
  /** Goes on behind what the stream holds now. */
  readonly skipToEnd: () => Promise<void>;
  readonly close: () => void;
}

const WAIT_MS = 1_000;
/** Keys that Redis looks at before it lets others have their turn. */
const SCANNED_AT_ONCE = 1_000;

/** The sealed text of an entry. */
export function eventOf([, fields]: [id: string, fields: string[]]): string {
  const at = fields.findIndex((field, index) => index % 2 === 0 && field === 'event');
  // An entry that somebody else wrote is passed on as it is, so that verification fails at it.
  return at === -1 ? '' : (fields[at + 1] ?? '');
}

async function ask<Answer>(question: Promise<Answer>): Promise<Answer> {
  try {
    return await question;
  } catch (error) {
    throw new RedisAway(reasonOf(error));
  }
}

/** Keys that match a pattern, some perhaps twice; none where an access list forbids to search. @throws RedisAway */
async function keysLike(redis: Redis, pattern: string): Promise<readonly string[]> {
  const found: string[] = [];
  try {
    let at = '0';
    do {
      const [next, keys] = await ask(redis.scan(at, 'MATCH', pattern, 'COUNT', SCANNED_AT_ONCE));
      found.push(...keys);
      at = next;
    } while (at !== '0');
  } catch (error) {
    if (reasonOf(error) !== 'NOPERM') throw error;
  }
  return found;
}

/**
 * Connects to the stream.
 *
 * @param options.timeoutMs time to connect, and for every reply
 * @param options.batchMax entries read at once
 * @throws RedisAway
 */
export async function openStream(
  { url, stream }: RedisStreamConfig,
  { timeoutMs, batchMax }: { readonly timeoutMs: number; readonly batchMax: number },
): Promise<StreamReader> {
  const { redis, close } = await connect(url, { timeoutMs: timeoutMs + WAIT_MS });
  let lastId = '0-0';
  return {
    drain: async function* drain() {
      const [end] = await ask(redis.xrevrange(stream, '+', `(${lastId}`, 'COUNT', 1));
      if (end === undefined) return;
      for (;;) {
        const entries = await ask(redis.xrange(stream, `(${lastId}`, end[0], 'COUNT', batchMax));
        for (const entry of entries) {
          lastId = entry[0];
          yield eventOf(entry);
        }
        if (entries.length < batchMax) return;
      }
    },
    cursor: async (instance) => parseCursor((await ask(redis.get(cursorKey(stream, instance)))) ?? ''),
    instances: async () => (await keysLike(redis, cursorKeys(stream))).map(instanceOf),
    wait: async () => {
      await ask(redis.xread('COUNT', 1, 'BLOCK', WAIT_MS, 'STREAMS', stream, lastId));
    },
    skipToEnd: async () => {
      const [last] = await ask(redis.xrevrange(stream, '+', '-', 'COUNT', 1));
      if (last !== undefined) lastId = last[0];
    },
    close,
  };
}

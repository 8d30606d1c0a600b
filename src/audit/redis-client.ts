import { Redis } from 'ioredis';
import { RedisAway, reasonOf } from '../store/redis-away.ts';

/**
 * One connection. It is never repaired: when anything goes wrong it is given up, and a new one is asked how far the
 * stream has come.
 */
export interface Connection {
  readonly redis: Redis;
  /** Why the connection is lost; undefined while it stands. */
  readonly lostBecause: () => RedisAway | undefined;
  readonly close: () => void;
}

export interface ConnectOptions {
  /** Time to connect, and for every reply. */
  readonly timeoutMs: number;
  /** Gives up connecting. */
  readonly signal?: AbortSignal;
  /** Called once when the connection is lost or closed. */
  readonly onLost?: () => void;
}

/**
 * Connects to Redis.
 *
 * @throws RedisAway
 */
export async function connect(
  url: string,
  { timeoutMs, signal, onLost }: ConnectOptions,
): Promise<Connection> {
  const redis = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    retryStrategy: () => null,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    // A server that hangs does not answer QUIT either.
    disconnectTimeout: 200,
    connectionName: 'privet-audit',
  });
  let lost: RedisAway | undefined;
  const lose = (reason: string): void => {
    lost ??= new RedisAway(reason);
  };
  redis.on('error', (error: unknown) => lose(reasonOf(error)));
  redis.on('end', () => {
    lose('CLOSED');
    onLost?.();
  });
  const giveUp = (reason: string): void => {
    lose(reason);
    redis.disconnect();
  };
  // Even a server that hangs accepts the connection, and then says nothing.
  const deadline = setTimeout(giveUp, timeoutMs, 'TIMEOUT');
  const abort = (): void => giveUp('CLOSED');
  signal?.addEventListener('abort', abort, { once: true });
  try {
    await redis.connect();
    return { redis, lostBecause: () => lost, close: () => redis.disconnect() };
  } catch (error) {
    giveUp(reasonOf(error));
    throw lost ?? error;
  } finally {
    clearTimeout(deadline);
    signal?.removeEventListener('abort', abort);
  }
}

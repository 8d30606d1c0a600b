import { Redis } from 'ioredis';

/** An error of the way to Redis, reduced to a word that is safe to log: replies and ioredis errors can quote arguments and passwords. */
export class RedisAway extends Error {
  readonly reason: string;

  constructor(reason: string, cause?: unknown) {
    super(`Redis is away: ${reason}`, { cause });
    this.name = 'RedisAway';
    this.reason = reason;
  }
}

/** Reply errors begin with a word in capitals (https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors). */
const REPLY_ERROR = /^-?([A-Z]{2,32})(?: |$)/;

/** The code of an error: `ECONNREFUSED`, `NOAUTH`, `OOM`, ... */
export function reasonOf(error: unknown): string {
  if (error instanceof RedisAway) return error.reason;
  if (!(error instanceof Error)) return 'UNKNOWN';
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error.message === 'Command timed out') return 'TIMEOUT';
  if (error.message === 'Connection is closed.') return 'CLOSED';
  return REPLY_ERROR.exec(error.message)?.[1] ?? 'FAILED';
}

/** One connection. It is never mended: when anything goes wrong it is given up, and what landed is asked on a new one. */
export interface Connection {
  readonly redis: Redis;
  /** Rejects when the connection is lost, and never resolves. */
  readonly lost: Promise<never>;
  readonly close: () => void;
}

/**
 * Connects to Redis.
 *
 * @param timeoutMs time to connect, and for every reply but those of blocking commands
 * @throws RedisAway
 */
export async function connect(url: string, timeoutMs: number): Promise<Connection> {
  const redis = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    retryStrategy: () => null,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    connectionName: 'privet-audit',
  });
  let because: unknown = new RedisAway('CLOSED');
  const { promise: lost, reject } = Promise.withResolvers<never>();
  redis.on('error', (error: unknown) => {
    because = error;
  });
  redis.on('end', () => reject(new RedisAway(reasonOf(because))));
  lost.catch(() => {});
  const deadline = setTimeout(() => {
    because = new RedisAway('TIMEOUT');
    redis.disconnect();
  }, timeoutMs);
  try {
    await Promise.race([redis.connect(), lost]);
    return { redis, lost, close: () => redis.disconnect() };
  } catch (error) {
    redis.disconnect();
    throw new RedisAway(
      reasonOf(because instanceof RedisAway && because.reason === 'CLOSED' ? error : because),
    );
  } finally {
    clearTimeout(deadline);
  }
}

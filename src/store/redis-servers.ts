import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { Limits } from '../limits.ts';
import type { RedisServers } from './config.ts';
import { RedisAway, reasonOf } from './redis-away.ts';

export type RedisClient = Redis | Cluster;
export type RedisLimits = Pick<
  Limits,
  'storeTimeoutMs' | 'storeReconnectMsMax' | 'storeBatchBytesMax' | 'storeWaitingBytesMax'
>;

interface Address {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly username?: string;
  readonly password?: string;
  readonly db: number;
}

function addressOf(url: string, defaultPort: number): Address {
  const { protocol, hostname, port, username, password, pathname } = new URL(url);
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? defaultPort : Number(port),
    tls: protocol === 'rediss:',
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    db: Number(pathname.slice(1)),
  };
}

const REDIS_PORT = 6379;
const SENTINEL_PORT = 26_379;
/** A node of a Cluster that is not connected yet refuses reads; ioredis tries up to 16 times. */
const READ_AGAIN_MS = 50;

/** Makes a client that is not connected yet. Nothing waits in it: without a connection a command fails at once. */
function createClient(
  { url, sentinels, cluster }: RedisServers,
  use: 'read' | 'write',
  limits: RedisLimits,
): RedisClient {
  const { host, port, tls, db, ...credentials } = addressOf(url, REDIS_PORT);
  const pauseMs = (attempt: number): number => Math.min(25 * 2 ** attempt, limits.storeReconnectMsMax);
  const shared = {
    ...credentials,
    // Verified against the authorities of Node and of NODE_EXTRA_CA_CERTS.
    ...(tls ? { tls: {} } : {}),
    lazyConnect: true,
    // A write that is sent again after a break could overtake a later one.
    autoResendUnfulfilledCommands: false,
    // Commands without an answer fail when the connection breaks; otherwise ioredis would forget them and their
    // promises would never settle.
    maxRetriesPerRequest: 0,
    connectTimeout: limits.storeTimeoutMs,
    // A server that hangs is disconnected, so that commands that it has not read are not waited for.
    socketTimeout: limits.storeTimeoutMs,
    disconnectTimeout: 200,
    connectionName: 'privet-store',
  } satisfies RedisOptions;
  if (cluster !== undefined) {
    const nodes = [{ host, port }, ...cluster.map((node) => addressOf(node, REDIS_PORT))];
    const options = {
      redisOptions: shared,
      lazyConnect: true,
      enableOfflineQueue: false,
      // After a break it is not known whether a write took effect, so only redirected commands are sent again.
      retryDelayOnFailover: use === 'read' ? READ_AGAIN_MS : 0,
      clusterRetryStrategy: pauseMs,
      slotsRefreshTimeout: limits.storeTimeoutMs,
    };
    return new Cluster(
      nodes.map((node) => ({ host: node.host, port: node.port })),
      options,
    );
  }
  const reconnecting = {
    ...shared,
    db,
    enableOfflineQueue: false,
    retryStrategy: pauseMs,
    // After a failover the old master says so: the new one is asked for.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  } satisfies RedisOptions;
  if (sentinels === undefined) return new Redis({ ...reconnecting, host, port });
  const watchers = sentinels.map((sentinel) => addressOf(sentinel, SENTINEL_PORT));
  const [first] = watchers;
  return new Redis({
    ...reconnecting,
    name: host,
    sentinels: watchers.map((watcher) => ({ host: watcher.host, port: watcher.port })),
    ...(first?.username === undefined ? {} : { sentinelUsername: first.username }),
    ...(first?.password === undefined ? {} : { sentinelPassword: first.password }),
    ...(tls ? { enableTLSForSentinelMode: true } : {}),
    ...(first?.tls === true ? { sentinelTLS: {} } : {}),
    sentinelRetryStrategy: pauseMs,
    sentinelCommandTimeout: limits.storeTimeoutMs,
    // A reader hears of a failover from the sentinels; it writes nothing that the old master could refuse.
    failoverDetector: true,
  });
}

/**
 * Waits for a promise, but not for ever.
 *
 * @throws RedisAway when the time is over, and in place of every error
 */
export async function answered<Answer>(answer: Promise<Answer>, timeoutMs: number): Promise<Answer> {
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(() => timeout.reject(new RedisAway('TIMEOUT')), timeoutMs);
  try {
    return await Promise.race([answer, timeout.promise]);
  } catch (error) {
    throw error instanceof RedisAway ? error : new RedisAway(reasonOf(error));
  } finally {
    clearTimeout(timer);
  }
}

export interface Connection {
  /** Connects again by itself. */
  readonly client: RedisClient;
  readonly close: () => void;
}

/** Connects, for good until it is closed. @throws RedisAway when it cannot the first time */
export async function connectServers(
  servers: RedisServers,
  use: 'read' | 'write',
  limits: RedisLimits,
): Promise<Connection> {
  const client = createClient(servers, use, limits);
  const closing = new AbortController();
  let reason: string | undefined;
  const note = (error: unknown): void => {
    reason ??= reasonOf(error);
  };
  // Also keeps later errors from ending the process: they show in what is asked then.
  client.on('error', note).on('node error', note);
  const close = (): void => {
    closing.abort();
    client.disconnect();
  };
  try {
    await answered(client.connect(), limits.storeTimeoutMs);
  } catch (error) {
    close();
    throw reason === undefined ? error : new RedisAway(reason);
  }
  // ioredis gives up for good when it learns of a failover while it asks a sentinel for the master.
  client.on('end', () => {
    sleep(limits.storeReconnectMsMax, undefined, { signal: closing.signal })
      .then(() => client.connect())
      .catch(note);
  });
  return { client, close };
}

/** Every server that a client is connected to; of a Cluster, replicas too. */
export function serversOf(client: RedisClient): readonly Redis[] {
  return client instanceof Cluster ? client.nodes('all') : [client];
}

/** `host:port` of a server that has answered: no secret. */
export function nameOf({ options, stream }: Redis): string {
  // Behind Sentinel only the connection knows.
  const { remoteAddress, remotePort } = stream;
  return `${options.host ?? remoteAddress ?? '?'}:${remotePort ?? options.port ?? REDIS_PORT}`;
}

/** The answer of INFO by field (https://redis.io/docs/latest/commands/info/). */
export function parseInfo(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split(/\r?\n/).map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1)];
    }),
  );
}

/**
 * Redis cannot be reached or refuses a command. Holds one word that is safe to log: replies and ioredis errors can
 * quote arguments and passwords.
 */
export class RedisAway extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(`Redis is away: ${reason}`);
    this.name = 'RedisAway';
    this.reason = reason;
  }
}

/**
 * Reply errors begin with a word in capitals
 * (https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors).
 */
const REPLY_ERROR = /^-?([A-Z]{2,32})(?: |$)/;

/** Messages of ioredis errors that have no code. */
const SENTENCES: readonly (readonly [begin: string, reason: string])[] = [
  ['Command timed out', 'TIMEOUT'],
  ['Socket timeout', 'TIMEOUT'],
  ['Connection is closed', 'CLOSED'],
  ["Stream isn't writeable", 'CLOSED'],
  ['Reached the max retries per request', 'CLOSED'],
  ["Cluster isn't ready", 'CLOSED'],
  ['None of startup nodes', 'CLOSED'],
  ['Failed to refresh slots', 'CLUSTERDOWN'],
  ['Too many Cluster redirections', 'CLUSTERDOWN'],
  ['All sentinels are unreachable', 'SENTINELS'],
];

/** The code of an error: `ECONNREFUSED`, `NOAUTH`, `OOM`, ... */
export function reasonOf(error: unknown): string {
  if (error instanceof RedisAway) return error.reason;
  if (!(error instanceof Error)) return 'UNKNOWN';
  if ('code' in error && typeof error.code === 'string') return error.code;
  const sentence = SENTENCES.find(([begin]) => error.message.startsWith(begin));
  return sentence?.[1] ?? REPLY_ERROR.exec(error.message)?.[1] ?? 'FAILED';
}

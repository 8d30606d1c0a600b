import type { Redis } from 'ioredis';
import { RedisAway } from './redis-away.ts';
import { answered, parseInfo } from './redis-servers.ts';

/**
 * Keeps writes that were given up from taking effect late. A server that hung may still have to read them from its old
 * connection; so every new connection first ends the old one on the server.
 *
 * @returns to be called for a server whenever it was connected, before anything is written
 */
export function createFence(timeoutMs: number): (server: Redis) => Promise<void> {
  // By run id of a server: after a restart connections are numbered from the start, and the number may be another
  // client's.
  const known = new Map<string, number>();
  return async (server) => {
    const [connection, info] = await answered(
      Promise.all([server.client('ID'), server.info('server')]),
      timeoutMs,
    );
    const run = parseInfo(info).get('run_id') ?? '';
    const before = known.get(run);
    if (before !== undefined && before !== connection) await endConnection(server, before, timeoutMs);
    known.set(run, connection);
  };
}

async function endConnection(server: Redis, connection: number, timeoutMs: number): Promise<void> {
  try {
    await answered(server.client('KILL', 'ID', connection), timeoutMs);
  } catch (error) {
    // Where the command is forbidden, writes that were given up may be late, as on a server that does not have it.
    if (!(error instanceof RedisAway && ['NOPERM', 'ERR'].includes(error.reason))) throw error;
  }
}

import type { Redis } from 'ioredis';
import { RedisAway } from './redis-away.ts';
import { answered, parseInfo } from './redis-servers.ts';

/**
 * A server that hung may still have writes of the connection before to read, which were given up long ago. A new connection first
 * ends the old one on the server, so that they cannot overtake newer writes.
 *
 * @returns what is called for a server, before anything is written, whenever it was connected
 */
export function createFence(timeoutMs: number): (server: Redis) => Promise<void> {
  // By run of a server: after a restart connections are counted anew, and the number may be somebody else's.
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
    // Where it is forbidden, writes given up are late at worst, as on any server that has no such command.
    if (!(error instanceof RedisAway && ['NOPERM', 'ERR'].includes(error.reason))) throw error;
  }
}

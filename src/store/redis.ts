import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster } from 'ioredis';
import type { RedisServers, StoreConfig } from './config.ts';
import { RedisAway, reasonOf } from './redis-away.ts';
import { type Durability, guardDurability } from './redis-durability.ts';
import { type Cargo, createLanes, type Lanes } from './redis-lanes.ts';
import {
  conflictOf,
  entriesOf,
  keysOfPartition,
  PAGE_SCRIPT,
  pageArguments,
  WRITE_SCRIPT,
  writeArguments,
} from './redis-script.ts';
import { answered, connectServers, type RedisClient, type RedisLimits } from './redis-servers.ts';
import {
  type Conflict,
  partitionOf,
  partitionOfGuarded,
  partitionOfRange,
  partitionOfWrites,
  type ReadableStore,
  type Store,
} from './store.ts';

/** Errors of a node that did nothing because the partition is, or will be, elsewhere. */
const ELSEWHERE = new Set(['MOVED', 'ASK', 'TRYAGAIN', 'CLUSTERDOWN']);
const PAUSE_MS = 50;

/**
 * Opens a store in Redis: one server, a group behind Sentinel, or a Cluster. Several processes may use it. A write
 * resolves when it is on the master's disk and, where there are replicas, on one of them. While Redis is away calls
 * fail at once, or after `limits.storeTimeoutMs` when it hangs; they succeed again when it is back.
 *
 * @throws PrivetError STORE_UNUSABLE when the settings of Redis could lose what it acknowledges
 * @throws RedisAway when Redis cannot be reached
 */
export async function openRedis(
  config: NonNullable<StoreConfig['redis']>,
  limits: RedisLimits,
): Promise<Store> {
  const servers: RedisServers = typeof config === 'string' ? { url: config } : config;
  const writer = await connectServers(servers, 'write', limits);
  try {
    const durability = await guardDurability(writer.client, servers, limits.storeTimeoutMs);
    // Reads have a connection of their own: they need not wait until a write is on disk.
    const reader = await connectServers(servers, 'read', limits);
    const lanes = createLanes({
      // On one server there is one lane: WAIT blocks the connection, and one wait for disk and replicas serves all
      // writes. In a Cluster each partition has its own, since partitions may move at any time.
      laneOf: (partition) => (writer.client instanceof Cluster ? partition : ''),
      send: (cargos) => send(writer.client, durability, cargos, limits),
      limits,
    });
    return {
      ...readFrom(reader.client, limits),
      ...writeTo(lanes),
      close: async () => {
        await lanes.settled();
        writer.close();
        reader.close();
      },
    };
  } catch (error) {
    writer.close();
    throw error;
  }
}

function readFrom(client: RedisClient, { storeTimeoutMs }: RedisLimits): Omit<ReadableStore, 'close'> {
  const valuesOf = async (partition: string, keys: readonly string[]): Promise<(Buffer | undefined)[]> => {
    const values = await answered(
      client.hmgetBuffer(keysOfPartition(partition).values, ...keys),
      storeTimeoutMs,
    );
    return values.map((value) => value ?? undefined);
  };
  return {
    get: async (key) => (await valuesOf(partitionOf(key), [key]))[0],
    getMany: async (keys) => {
      const [partition, ...others] = new Set(keys.map(partitionOf));
      if (partition === undefined) return [];
      if (others.length === 0) return valuesOf(partition, keys);
      const byPartition = Object.entries(Object.groupBy(keys, partitionOf));
      const found = await Promise.all(
        byPartition.map(async ([name, own = []]) => {
          const values = await valuesOf(name, own);
          return own.map((key, index) => [key, values[index]] as const);
        }),
      );
      const known = new Map(found.flat());
      return keys.map((key) => known.get(key));
    },
    page: async (range, limit, reverse = false) => {
      const keys = keysOfPartition(partitionOfRange(range));
      const args = pageArguments(range, limit, reverse);
      return entriesOf(
        await answered(
          client.callBuffer('eval', PAGE_SCRIPT, 2, keys.values, keys.keys, ...args),
          storeTimeoutMs,
        ),
      );
    },
  };
}

function writeTo(lanes: Lanes): Pick<Store, 'write' | 'writeIf'> {
  return {
    write: async (writes) => {
      const partition = partitionOfWrites(writes);
      if (partition !== undefined) await lanes.write(partition, writeArguments({ expect: [], writes }), 1);
    },
    writeIf: async (guarded) => {
      const placed = guarded.map((one, index) => ({ one, index, partition: partitionOfGuarded(one) }));
      const conflicts = Array.from<Conflict | undefined>({ length: guarded.length });
      const byPartition = Map.groupBy(placed, ({ partition }) => partition);
      // A guarded write without a partition neither expects nor writes anything.
      byPartition.delete(undefined);
      await Promise.all(
        Array.from(byPartition, async ([partition = '', own]) => {
          const args = own.flatMap(({ one }) => writeArguments(one));
          const replies = await lanes.write(partition, args, own.length);
          own.forEach(({ index }, at) => {
            conflicts[index] = conflictOf(replies[at]);
          });
        }),
      );
      return conflicts;
    },
  };
}

/** Sends writes to the server that has their partitions, and waits until they are as durable as promised. */
async function send(
  client: RedisClient,
  { guarantee, checked }: Durability,
  cargos: readonly Cargo[],
  { storeTimeoutMs }: RedisLimits,
): Promise<readonly (readonly unknown[])[]> {
  const end = performance.now() + storeTimeoutMs;
  for (;;) {
    await checked();
    const leftMs = end - performance.now();
    if (leftMs < PAUSE_MS) throw new RedisAway('TIMEOUT');
    const waitMs = Math.floor(leftMs * 0.9);
    const pipeline = client.pipeline();
    for (const { partition, args } of cargos) {
      const keys = keysOfPartition(partition);
      pipeline.callBuffer('eval', WRITE_SCRIPT, 2, keys.values, keys.keys, ...args);
    }
    if (guarantee.disk) pipeline.call('waitaof', 1, 0, waitMs);
    if (guarantee.replicas > 0) pipeline.call('wait', guarantee.replicas, waitMs);
    const outcomes = (await answered(pipeline.exec(), leftMs)) ?? [];
    const written = outcomes.slice(0, cargos.length);
    const failure = written.find(([error]) => error !== null)?.[0];
    if (failure === undefined) {
      checkAcknowledged(outcomes.slice(cargos.length), guarantee);
      return written.map(([, replies]) => (Array.isArray(replies) ? (replies as readonly unknown[]) : []));
    }
    const reason = reasonOf(failure);
    if (!(client instanceof Cluster && ELSEWHERE.has(reason))) throw new RedisAway(reason);
    // ioredis follows only when all of a pipeline is refused; WAIT is answered by any server.
    client.refreshSlotsCache();
    await sleep(PAUSE_MS);
  }
}

type Outcomes = readonly (readonly [error: Error | null, reply: unknown])[];

function checkAcknowledged(outcomes: Outcomes, { disk, replicas }: Durability['guarantee']): void {
  for (const [error] of outcomes) if (error !== null) throw new RedisAway(reasonOf(error));
  const replies = outcomes.map(([, reply]) => reply);
  if (disk) {
    const reply = replies.shift();
    const [onDisk]: readonly unknown[] = Array.isArray(reply) ? reply : [];
    if (!(Number(onDisk) >= 1)) throw new RedisAway('NOTONDISK');
  }
  if (replicas > 0 && !(Number(replies[0]) >= replicas)) throw new RedisAway('NOREPLICA');
}

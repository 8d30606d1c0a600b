import type { Redis } from 'ioredis';
import { PrivetError } from '../errors.ts';
import type { RedisServers } from './config.ts';
import { RedisAway, reasonOf } from './redis-away.ts';
import { createFence } from './redis-fence.ts';
import { answered, nameOf, parseInfo, type RedisClient, serversOf } from './redis-servers.ts';

const SETTINGS = ['appendonly', 'appendfsync', 'no-appendfsync-on-rewrite', 'maxmemory-policy'] as const;
/** Values by name; undefined where Redis has no such setting. */
export type Settings = Readonly<Record<(typeof SETTINGS)[number], string | undefined>>;

/** What a server says of itself. */
interface ServerFacts {
  /** `host:port` */
  readonly name: string;
  readonly isReplica: boolean;
  readonly replicas: number;
  /** Whether it has WAITAOF (https://redis.io/docs/latest/commands/waitaof/). */
  readonly waitsForDisk: boolean;
  readonly settings: Settings;
}

/** What a write waits for before it counts, in addition to the answer. */
export interface Guarantee {
  /** WAITAOF: it is on the disk of the master. */
  readonly disk: boolean;
  /** WAIT: this many replicas have it. */
  readonly replicas: number;
}

/**
 * Reads the facts of one server.
 *
 * @throws RedisAway when it does not answer
 * @throws PrivetError STORE_UNUSABLE when it does not let its settings be read
 */
async function factsOf(server: Redis, timeoutMs: number): Promise<ServerFacts> {
  const info = parseInfo(await answered(server.info(), timeoutMs));
  const [major = 0, minor = 0] = (info.get('redis_version') ?? '').split('.').map(Number);
  const settings = await Promise.all(
    SETTINGS.map(async (setting) => [setting, await settingOf(server, setting, timeoutMs)] as const),
  );
  return {
    name: nameOf(server),
    isReplica: info.get('role') === 'slave',
    replicas: Number(info.get('connected_slaves')),
    waitsForDisk: major > 7 || (major === 7 && minor >= 2),
    settings: Object.fromEntries(settings) as Settings,
  };
}

async function settingOf(server: Redis, setting: string, timeoutMs: number): Promise<string | undefined> {
  try {
    const pair: unknown = await answered(server.config('GET', setting), timeoutMs);
    const value: unknown = Array.isArray(pair) ? (pair as readonly unknown[])[1] : undefined;
    return typeof value === 'string' ? value : undefined;
  } catch (error) {
    // The command is forbidden or renamed, as managed services do.
    const isForbidden = error instanceof RedisAway && ['NOPERM', 'ERR'].includes(error.reason);
    throw isForbidden ? refused(nameOf(server), 'does not let its settings be read (CONFIG GET)') : error;
  }
}

function refused(name: string, why: string): PrivetError {
  return new PrivetError(
    'STORE_UNUSABLE',
    `Redis at ${name} ${why}. Change that, or accept that what is stored may be lost: store.redis.acceptLoss.`,
  );
}

/** The ways in which a server could lose the only copy of what it has acknowledged; empty is good. */
export function risksOf(settings: Settings, { disk }: Pick<Guarantee, 'disk'>): string[] {
  const fsync = settings['appendfsync'];
  const policy = settings['maxmemory-policy'];
  const risks: string[] = [];
  if (settings['appendonly'] !== 'yes') {
    risks.push(`appendonly is ${settings['appendonly'] ?? 'unknown'}, expected yes`);
  }
  if (disk) {
    // WAITAOF waits for an fsync that `no` leaves to the operating system.
    if (fsync !== 'always' && fsync !== 'everysec') {
      risks.push(`appendfsync is ${fsync ?? 'unknown'}, expected always or everysec`);
    }
  } else {
    if (fsync !== 'always') {
      risks.push(`appendfsync is ${fsync ?? 'unknown'}, expected always (everysec is enough from Redis 7.2)`);
    }
    // Redis then answers without fsync while it rewrites the file.
    if (settings['no-appendfsync-on-rewrite'] === 'yes') {
      risks.push('no-appendfsync-on-rewrite is yes, expected no');
    }
  }
  // What Privet stores has no time to live, and volatile policies evict nothing else.
  if (policy !== 'noeviction' && policy?.startsWith('volatile-') !== true) {
    risks.push(`maxmemory-policy is ${policy ?? 'unknown'}, expected noeviction`);
  }
  return risks;
}

function check(facts: readonly ServerFacts[], guarantee: Guarantee): void {
  for (const server of facts) {
    const risks = risksOf(server.settings, guarantee);
    if (guarantee.disk && !server.waitsForDisk) risks.push('it is older than 7.2, unlike the others');
    if (risks.length > 0) throw refused(server.name, `could lose what is stored: ${risks.join('; ')}`);
  }
}

/**
 * The answers of `ask` from every server that can be reached.
 * @throws RedisAway when none does, PrivetError when one is refused
 */
async function askAll<Answer>(
  client: RedisClient,
  ask: (server: Redis) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const outcomes = await Promise.allSettled(serversOf(client).map(ask));
  const failures = outcomes.flatMap((outcome): unknown[] =>
    outcome.status === 'rejected' ? [outcome.reason] : [],
  );
  const refusal = failures.find((failure) => failure instanceof PrivetError);
  if (refusal !== undefined) throw refusal;
  const answers = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  // A server of a Cluster that is away is asked when it is connected again, before anything is written to it.
  if (answers.length === 0) throw new RedisAway(failures.length === 0 ? 'CLOSED' : reasonOf(failures[0]));
  return answers;
}

function guaranteeOf(facts: readonly ServerFacts[], servers: RedisServers): Guarantee {
  const masters = facts.filter(({ isReplica }) => !isReplica);
  const replica = servers.cluster === undefined ? facts.find(({ isReplica }) => isReplica) : undefined;
  if (replica !== undefined) throw refused(replica.name, 'is a replica, expected a master');
  const canFailOver = servers.sentinels !== undefined || masters.some((master) => master.replicas > 0);
  const replicas = servers.replicas ?? (canFailOver ? 1 : 0);
  const short = masters.find((master) => master.replicas < replicas);
  if (short !== undefined) {
    const expected = `expected ${replicas} or more, so that a failover loses nothing (store.redis.replicas)`;
    throw refused(short.name, `could lose what is stored: it has ${short.replicas} replicas, ${expected}`);
  }
  return { disk: facts.every(({ waitsForDisk }) => waitsForDisk), replicas };
}

/** Sees to it that nothing is written to a server whose settings were not found good. */
export interface Durability {
  readonly guarantee: Guarantee;
  /** Resolves at once unless servers were added, replaced or connected again since. @throws as `guardDurability` */
  readonly checked: () => Promise<void>;
}

/**
 * Reads the persistence settings of all servers.
 *
 * @throws PrivetError STORE_UNUSABLE when one of them could lose what it has acknowledged, unless that is accepted
 * @throws RedisAway when none answers
 */
export async function guardDurability(
  client: RedisClient,
  servers: RedisServers,
  timeoutMs: number,
): Promise<Durability> {
  let changes = 0;
  let checkedAt = 0;
  const changed = (): void => {
    changes += 1;
  };
  client.on('ready', changed).on('+node', changed);
  const fence = createFence(timeoutMs);
  const accepted = servers.acceptLoss === true;
  const readFacts = () => askAll(client, (server) => factsOf(server, timeoutMs));

  await askAll(client, fence);
  const facts = accepted ? [] : await readFacts();
  const guarantee = accepted ? { disk: false, replicas: servers.replicas ?? 0 } : guaranteeOf(facts, servers);
  check(facts, guarantee);
  return {
    guarantee,
    checked: async () => {
      if (checkedAt === changes) return;
      const upTo = changes;
      await askAll(client, fence);
      if (!accepted) check(await readFacts(), guarantee);
      checkedAt = upTo;
    },
  };
}

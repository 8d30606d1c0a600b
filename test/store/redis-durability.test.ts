import { afterEach, describe, expect, it } from 'vitest';
import { openRedis } from '../../src/store/redis.ts';
import { risksOf, type Settings } from '../../src/store/redis-durability.ts';
import { TEST_LIMITS } from '../fixtures/audit.ts';
import { startRedis, type ThrowawayRedis, type ThrowawayRedisOptions } from '../fixtures/redis.ts';
import { startWaitingRedis } from '../fixtures/redis-72.ts';

const GOOD: Settings = {
  appendonly: 'yes',
  appendfsync: 'always',
  'no-appendfsync-on-rewrite': 'no',
  'maxmemory-policy': 'noeviction',
};

describe('settings that could lose the only copy', () => {
  it.each<
    [what: string, settings: Partial<Settings>, before72: RegExp | undefined, from72: RegExp | undefined]
  >([
    ['all is well', {}, undefined, undefined],
    ['nothing is on disk', { appendonly: 'no' }, /appendonly is no/, /appendonly is no/],
    [
      'a second may be lost',
      { appendfsync: 'everysec' },
      /appendfsync is everysec, expected always/,
      undefined,
    ],
    ['the system syncs when it likes', { appendfsync: 'no' }, /appendfsync is no/, /appendfsync is no/],
    [
      'no sync while rewriting',
      { 'no-appendfsync-on-rewrite': 'yes' },
      /no-appendfsync-on-rewrite/,
      undefined,
    ],
    ['any key is evicted', { 'maxmemory-policy': 'allkeys-lru' }, /allkeys-lru/, /allkeys-lru/],
    [
      'only keys with a time to live are evicted',
      { 'maxmemory-policy': 'volatile-ttl' },
      undefined,
      undefined,
    ],
    ['nothing is known', { appendonly: undefined }, /appendonly is unknown/, /appendonly is unknown/],
    ['no policy is known', { 'maxmemory-policy': undefined }, /maxmemory-policy is unknown/, /unknown/],
  ])('%s', (_, settings, before72, from72) => {
    for (const [disk, expected] of [
      [false, before72],
      [true, from72],
    ] as const) {
      const risks = risksOf({ ...GOOD, ...settings }, { disk });
      if (expected === undefined) expect(risks).toEqual([]);
      else expect(risks.join()).toMatch(expected);
    }
  });
});

describe('opening a store in Redis', () => {
  const running: { readonly stop: () => Promise<void> }[] = [];
  afterEach(async () => {
    for (const server of running.splice(0)) await server.stop();
  });
  async function start(options: ThrowawayRedisOptions): Promise<ThrowawayRedis> {
    const redis = await startRedis(options);
    running.push(redis);
    return redis;
  }

  it.each<[what: string, options: ThrowawayRedisOptions, message: RegExp]>([
    ['no append-only file', {}, /appendonly is no, expected yes/],
    [
      'fsync every second',
      { persistent: true, args: ['--appendfsync', 'everysec'] },
      /appendfsync is everysec/,
    ],
    ['eviction', { persistent: true, args: ['--maxmemory-policy', 'allkeys-random'] }, /allkeys-random/],
    [
      'no fsync while rewriting',
      { persistent: true, args: ['--no-appendfsync-on-rewrite', 'yes'] },
      /no-appendfsync-on-rewrite is yes/,
    ],
    [
      'no CONFIG',
      { persistent: true, args: ['--rename-command', 'CONFIG', ''] },
      /does not let its settings be read/,
    ],
    [
      'no permission for CONFIG',
      { persistent: true, args: ['--user', 'default', 'on', 'nopass', '~*', '&*', '+@all', '-config'] },
      /does not let its settings be read/,
    ],
  ])(
    'refuses %s in one line that names server and setting, unless loss is accepted',
    async (_, options, message) => {
      const { url, port } = await start(options);
      const refusal: unknown = await openRedis(url, TEST_LIMITS).catch((error: unknown) => error);
      expect(refusal).toMatchObject({ code: 'STORE_UNUSABLE', message: expect.stringMatching(message) });
      expect(String(refusal)).toContain(`127.0.0.1:${port}`);
      expect(String(refusal)).not.toContain('\n');
      const store = await openRedis({ url, acceptLoss: true }, TEST_LIMITS);
      await store.write([{ put: 't/a', value: Buffer.from('1') }]);
      expect(Buffer.from((await store.get('t/a')) ?? []).toString()).toBe('1');
      await store.close();
    },
  );

  it('refuses a replica, and a master with fewer replicas than must have a write', async () => {
    const master = await start({ persistent: true });
    const replica = await start({ persistent: true, args: ['--replicaof', `127.0.0.1 ${master.port}`] });
    await expect(openRedis(replica.url, TEST_LIMITS)).rejects.toThrow(/is a replica, expected a master/);
    const lone = await start({ persistent: true });
    await expect(openRedis({ url: lone.url, replicas: 1 }, TEST_LIMITS)).rejects.toThrow(/has 0 replicas/);
  });

  it('refuses to write when the settings were changed for the worse by the time it has connected again', async () => {
    const redis = await start({ persistent: true });
    const store = await openRedis(redis.url, TEST_LIMITS);
    await redis.client.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await redis.client.call('CLIENT', 'KILL', 'TYPE', 'normal');
    await expect
      .poll(() => store.write([{ put: 't/a', value: Buffer.from('1') }]).catch(String))
      .toMatch(/maxmemory-policy is allkeys-lru/);
    await redis.client.config('SET', 'maxmemory-policy', 'noeviction');
    await store.write([{ put: 't/a', value: Buffer.from('1') }]);
    await store.close();
  });

  it('waits for the disk of a Redis that can say so (WAITAOF), and counts nothing that is not there', async () => {
    const redis = await startWaitingRedis();
    running.push(redis);
    const store = await openRedis(redis.url, TEST_LIMITS);
    await store.write([{ put: 't/a', value: Buffer.from('1') }]);
    expect(redis.commands.slice(-2)).toEqual(['eval', 'waitaof']);
    const before = redis.commands.length;
    await Promise.all(
      ['t/a', 'u/a', 'v/a'].map((key) => store.write([{ put: key, value: Buffer.from('1') }])),
    );
    expect(redis.commands.slice(before)).toEqual(['eval', 'eval', 'eval', 'waitaof']);
    redis.onDisk.now = 0;
    await expect(store.write([{ put: 't/a', value: Buffer.from('2') }])).rejects.toThrow(/NOTONDISK/);
    await store.close();
  });

  it('loses no acknowledged write when Redis is killed while writing', async () => {
    const redis = await start({ persistent: true });
    const acknowledged: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      const store = await openRedis(redis.url, TEST_LIMITS);
      const writer = async (name: string) => {
        for (let index = 0; ; index += 1) {
          const key = `t/${round}/${name}/${index}`;
          await store.write([
            { put: key, value: Buffer.alloc(2_000, key) },
            { put: `${key}/twin`, value: Buffer.from(key) },
          ]);
          acknowledged.push(key);
        }
      };
      const writers = ['a', 'b', 'c'].map((name) => writer(name).catch(() => {}));
      const goal = acknowledged.length + 100;
      await expect.poll(() => acknowledged.length, { interval: 1 }).toBeGreaterThan(goal);
      await redis.kill();
      await Promise.all(writers);
      await store.close();
      await redis.restart();
    }
    const store = await openRedis(redis.url, TEST_LIMITS);
    const values = await store.getMany(acknowledged.flatMap((key) => [key, `${key}/twin`]));
    expect(values.filter((value) => value === undefined)).toEqual([]);
    const keys = new Set<string>();
    for (let from = 't/'; ; ) {
      const page = await store.page({ from, to: 't/\x7f' }, 500);
      for (const { key } of page) keys.add(key);
      const last = page.at(-1);
      if (last === undefined || page.length < 500) break;
      from = `${last.key}!`;
    }
    const halves = [...keys].filter(
      (key) => !keys.has(key.endsWith('/twin') ? key.slice(0, -5) : `${key}/twin`),
    );
    expect(halves).toEqual([]);
    await store.close();
  });
});

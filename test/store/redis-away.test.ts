import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { openRedis } from '../../src/store/redis.ts';
import type { Store } from '../../src/store/store.ts';
import { TEST_LIMITS, temporaryDirectory } from '../fixtures/audit.ts';
import { freePort, startRedis, type ThrowawayRedis } from '../fixtures/redis.ts';
import { startCluster, startSentinelGroup } from '../fixtures/redis-servers.ts';

const LIMITS = { ...TEST_LIMITS, storeReconnectMsMax: 100 };
/** For what is to fail because of its time-out. */
const SHORT = { ...LIMITS, storeTimeoutMs: 500 };
/** For what is to fail without one: what waits for this fails its test. */
const ENDLESS = { ...LIMITS, storeTimeoutMs: 600_000 };
const bytes = (text: string) => Buffer.from(text);
const put = (key: string, text = key) => ({ put: key, value: bytes(text) });
const textOf = (value: Uint8Array | undefined) => value && Buffer.from(value).toString();

describe('a store in Redis', () => {
  const running: { readonly stop: () => Promise<void> }[] = [];
  const open: Store[] = [];
  afterEach(async () => {
    for (const store of open.splice(0)) await store.close();
    for (const server of running.splice(0)) await server.stop();
  });
  async function start<Server extends { readonly stop: () => Promise<void> }>(server: Promise<Server>) {
    const started = await server;
    running.push(started);
    return started;
  }
  async function openStore(config: Parameters<typeof openRedis>[0], limits = LIMITS): Promise<Store> {
    const store = await openRedis(config, limits);
    open.push(store);
    return store;
  }
  async function expectAway(work: Promise<unknown>): Promise<void> {
    await expect(work).rejects.toMatchObject({ name: 'RedisAway' });
  }
  /** Goes on with a write until it succeeds. */
  async function eventuallyWrites(store: Store, key: string, text = key): Promise<void> {
    await expect.poll(() => store.write([put(key, text)]).then(() => 'written', String)).toBe('written');
  }

  it('fails at once while Redis is gone, and works again when it is back', async () => {
    const redis = await start(startRedis({ persistent: true }));
    const store = await openStore(redis.url, ENDLESS);
    await store.write([put('t/a')]);
    await redis.kill();
    await expectAway(store.write([put('t/b')]));
    await expectAway(store.get('t/a'));
    await expectAway(store.getMany(['t/a', 'u/a']));
    await expectAway(store.page({ from: 't/a', to: 't/z' }, 1));
    await expectAway(store.writeIf([{ expect: [], writes: [put('t/b')] }]));
    await redis.restart();
    await eventuallyWrites(store, 't/c');
    await expect.poll(() => store.get('t/a').then(textOf, String)).toBe('t/a');
  });

  it('fails in time while Redis hangs, and takes nothing of what it gave up after newer writes', async () => {
    const redis = await start(startRedis({ persistent: true }));
    const store = await openStore(redis.url, SHORT);
    await eventuallyWrites(store, 't/a');
    redis.freeze();
    await Promise.all([
      expectAway(store.write([put('t/a', 'given up')])),
      expectAway(store.write([put('t/a', 'given up, too')])),
      expectAway(store.get('t/a')),
    ]);
    await sleep(300);
    redis.thaw();
    await eventuallyWrites(store, 't/b');
    await eventuallyWrites(store, 't/a', 'last');
    await sleep(200);
    await expect.poll(() => store.get('t/a').then(textOf, String)).toBe('last');
  });

  it('refuses writes at once when too many wait', async () => {
    const redis = await start(startRedis({ persistent: true }));
    const store = await openStore(redis.url, { ...LIMITS, storeWaitingBytesMax: 1_000 });
    const writes = Array.from({ length: 5 }, (_, index) =>
      store.write([{ put: `t/${index}`, value: Buffer.alloc(400) }]).then(() => 'written', String),
    );
    expect(new Set(await Promise.all(writes))).toEqual(
      new Set(['written', 'RedisAway: Redis is away: BEHIND']),
    );
    await store.write([put('t/again')]);
  });

  it('does not open while Redis is away, and says why without a password', async () => {
    const redis = await start(startRedis({ persistent: true, password: 'right-one' }));
    const nowhere = `redis://:s3cret-word@127.0.0.1:${await freePort()}`;
    const wrong = `redis://:s3cret-word@127.0.0.1:${redis.port}`;
    const failures = [
      [nowhere, 'ECONNREFUSED'],
      [wrong, 'WRONGPASS'],
      [{ url: nowhere, cluster: [nowhere] }, ''],
      [{ url: 'redis://:s3cret-word@group', sentinels: [nowhere] }, 'SENTINELS'],
      [`rediss://:s3cret-word@127.0.0.1:${redis.port}`, ''],
    ] as const;
    for (const [config, reason] of failures) {
      const failure: unknown = await openRedis(config, SHORT).catch((error: unknown) => error);
      expect(failure).toMatchObject({ name: 'RedisAway', reason: expect.stringContaining(reason) });
      expect(inspect(failure, { depth: 9 })).not.toContain('s3cret-word');
    }
  });

  it('speaks TLS (rediss://) with a Redis whose certificate it can verify and with no other', async () => {
    const directory = temporaryDirectory();
    running.push({ stop: async () => directory.remove() });
    const [key, cert] = [join(directory.path, 'key.pem'), join(directory.path, 'cert.pem')];
    const request =
      'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost';
    const names = ['-addext', 'subjectAltName=DNS:localhost'];
    execFileSync('openssl', [...request.split(' '), ...names, '-keyout', key, '-out', cert], {
      stdio: 'ignore',
    });
    const port = await freePort();
    const files = ['--tls-cert-file', cert, '--tls-key-file', key, '--tls-auth-clients', 'no'];
    const args = ['--tls-port', String(port), ...files];
    await start(startRedis({ persistent: true, args }));
    const url = `rediss://localhost:${port}`;
    await expect(openRedis(url, LIMITS)).rejects.toThrow(/DEPTH_ZERO_SELF_SIGNED_CERT/);
    const known = getCACertificates();
    setDefaultCACertificates([...known, readFileSync(cert, 'utf8')]);
    const store = await openStore(url);
    await store.write([put('t/a')]);
    expect(textOf(await store.get('t/a'))).toBe('t/a');
    setDefaultCACertificates(known);
  });

  it('says nothing of keys and values when Redis refuses a write', async () => {
    const redis = await start(startRedis({ persistent: true, args: ['--maxmemory', '3mb'] }));
    const store = await openStore(redis.url);
    const fill = async () => {
      for (let index = 0; ; index += 1) {
        await store.write([{ put: `t/secret-key/${index}`, value: Buffer.alloc(200_000, 'secret-value') }]);
      }
    };
    const failure: unknown = await fill().catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'RedisAway', reason: 'OOM' });
    expect(inspect(failure, { depth: 9 })).not.toMatch(/secret/);
  });

  it('lets two instances that claim one key at once agree on whose it is', async () => {
    const redis = await start(startRedis({ persistent: true }));
    const instances = [await openStore(redis.url), await openStore(redis.url)];
    const keys = Array.from({ length: 100 }, (_, index) => `t/${index}`);
    const beliefs = await Promise.all(
      instances.map(async (store, instance) => {
        const claims = keys.map((key) => ({
          expect: [{ key, value: undefined }],
          writes: [put(key, String(instance))],
        }));
        const conflicts = await Promise.all(claims.map(async (claim) => (await store.writeIf([claim]))[0]));
        return conflicts.map((conflict) =>
          conflict === undefined ? String(instance) : textOf(conflict.value),
        );
      }),
    );
    expect(beliefs[0]).toEqual(beliefs[1]);
    expect((await instances[0]!.getMany(keys)).map(textOf)).toEqual(beliefs[0]);
  });

  it('follows a failover of Sentinel and keeps what was acknowledged', async () => {
    const group = await start(startSentinelGroup());
    const store = await openStore(group);
    const acknowledged: string[] = [];
    const master = await group.master();
    const stop = new AbortController();
    const writing = (async () => {
      for (let index = 0; !stop.signal.aborted; index += 1) {
        const written = await store.write([put(`t/${index}`)]).then(
          () => true,
          () => false,
        );
        if (written) acknowledged.push(`t/${index}`);
        else await sleep(10);
      }
    })();
    await expect.poll(() => acknowledged.length).toBeGreaterThan(50);
    await master.kill();
    const before = acknowledged.length;
    await expect.poll(() => acknowledged.length).toBeGreaterThan(before + 50);
    stop.abort();
    await writing;
    expect((await group.master()).port).not.toBe(master.port);
    await expect
      .poll(() => store.getMany(acknowledged).then((values) => values.map(textOf), String))
      .toEqual(acknowledged);
  });

  it.each([
    ['without replicas', false],
    ['with a replica each', true],
  ])('follows a slot that moves in a Cluster %s', async (_, replicas) => {
    const cluster = await start(startCluster({ replicas }));
    const store = await openStore({ url: cluster.urls[0]!, cluster: cluster.urls.slice(1) });
    const [first] = cluster.nodes as readonly [ThrowawayRedis];
    await store.write([put('t/a'), put('t/b')]);
    const slot = await first.client.cluster('KEYSLOT', 'privet:{/t}:values');
    const masters = cluster.nodes.slice(0, 3);
    const owners = await Promise.all(masters.map(({ client }) => client.dbsize()));
    const from = masters[owners.indexOf(2)]!;
    const to = masters.find((node) => node !== from)!;
    await cluster.moveSlot(slot, from, to);
    await store.write([put('t/c')]);
    expect((await store.page({ from: 't/a', to: 't/z' }, 9)).map(({ key }) => key)).toEqual([
      't/a',
      't/b',
      't/c',
    ]);
    expect(await to.client.dbsize()).toBeGreaterThanOrEqual(2);
  });

  it('spreads partitions over a Cluster, goes on with the others when a node is gone, and follows the failover', async () => {
    const cluster = await start(startCluster({ replicas: true }));
    // How long it waits for a replica that does not come.
    const limits = { ...LIMITS, storeTimeoutMs: 5_000 };
    const store = await openStore({ url: cluster.urls[0]!, cluster: cluster.urls.slice(1) }, limits);
    const keys = Array.from({ length: 12 }, (_, index) => `part-${index}/a`);
    for (const key of keys) await eventuallyWrites(store, key);
    const sizes = await Promise.all(cluster.nodes.slice(0, 3).map(({ client }) => client.dbsize()));
    expect(Math.min(...sizes)).toBeGreaterThan(0);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(2 * keys.length);
    const [, , third] = cluster.nodes;
    await third!.kill();
    await expect.poll(() => store.getMany(keys).then((values) => values.map(textOf), String)).toEqual(keys);
    // The replica is the master now and has none itself: what it alone has does not count.
    const outcomes = await Promise.all(
      keys.map((key) =>
        store.write([put(key)]).then(
          () => 'written',
          () => 'refused',
        ),
      ),
    );
    expect(new Set(outcomes)).toEqual(new Set(['written', 'refused']));
    await third!.restart();
    for (const key of keys) await eventuallyWrites(store, `${key}/again`);
  });
});

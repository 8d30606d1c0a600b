import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbedded } from '../../src/store/embedded.ts';
import { openRedis } from '../../src/store/redis.ts';
import type { Store } from '../../src/store/store.ts';
import { describeConsentRegistry } from '../contract/consent.ts';
import { TEST_LIMITS, temporaryDirectory } from '../fixtures/audit.ts';
import { registryOver, said } from '../fixtures/consent.ts';
import { startRedis, type ThrowawayRedis } from '../fixtures/redis.ts';
import { flush } from '../fixtures/redis-servers.ts';

describeConsentRegistry('a registry in the embedded store', async () => {
  const directory = temporaryDirectory();
  return {
    open: async () => openEmbedded(directory.path, TEST_LIMITS),
    isShared: false,
    dispose: async () => directory.remove(),
  };
});

describe('Redis', () => {
  let redis: ThrowawayRedis;
  beforeAll(async () => {
    redis = await startRedis({ persistent: true });
  });
  afterAll(() => redis.stop());

  describeConsentRegistry('a registry in Redis', async () => ({
    open: () => openRedis(redis.url, TEST_LIMITS),
    isShared: true,
    dispose: () => flush([redis]),
  }));
});

describe('a registry whose store is away', () => {
  it('says so, takes everybody for possibly restricted, and is back with the store', async () => {
    const directory = temporaryDirectory();
    const store = openEmbedded(directory.path, TEST_LIMITS);
    let isAway = true;
    const fail = async () => {
      if (isAway) throw new Error('ECONNREFUSED');
    };
    const unreliable: Store = {
      ...store,
      getMany: (keys) => fail().then(() => store.getMany(keys)),
      page: (...args) => fail().then(() => store.page(...args)),
      writeIf: (guarded) => fail().then(() => store.writeIf(guarded)),
    };
    const registry = await registryOver(unreliable);
    expect(registry.anyRestricted()).toBe(true);
    expect(registry.isAvailable()).toBe(false);
    const unavailable = { code: 'CONSENT_UNAVAILABLE', cause: expect.any(Error) };
    await expect(registry.standings([{ email: 'ana@acme.example' }])).rejects.toMatchObject(unavailable);
    await expect(registry.append([said('granted')])).rejects.toMatchObject(unavailable);
    await expect(registry.history({ email: 'ana@acme.example' })).rejects.toMatchObject(unavailable);
    isAway = false;
    await registry.append([said('restricted')]);
    await registry.append([said('restriction-ended', { at: said('restricted').at + 1 })]);
    expect(registry.anyRestricted()).toBe(false);
    expect(registry.isAvailable()).toBe(true);
    registry.close();
    await store.close();
    directory.remove();
  });
});

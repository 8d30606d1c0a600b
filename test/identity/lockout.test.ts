import { afterAll, beforeAll, describe } from 'vitest';
import { openEmbedded } from '../../src/store/embedded.ts';
import { openRedis } from '../../src/store/redis.ts';
import type { Store } from '../../src/store/store.ts';
import { describeLockout } from '../contract/lockout.ts';
import { TEST_LIMITS, temporaryDirectory } from '../fixtures/audit.ts';
import { startRedis, type ThrowawayRedis } from '../fixtures/redis.ts';

describeLockout('the embedded store', async () => {
  const directory = temporaryDirectory();
  const store = openEmbedded(directory.path, TEST_LIMITS);
  return {
    open: () => Promise.resolve(store),
    dispose: async () => {
      await store.close();
      directory.remove();
    },
  };
});

describe('a Redis that instances share', () => {
  let redis: ThrowawayRedis;
  beforeAll(async () => {
    redis = await startRedis({ persistent: true });
  });
  afterAll(() => redis.stop());

  describeLockout('Redis', async () => {
    const opened: Store[] = [];
    return {
      open: async () => {
        const store = await openRedis(redis.url, TEST_LIMITS);
        opened.push(store);
        return store;
      },
      dispose: async () => {
        await Promise.all(opened.map((store) => store.close()));
        await redis.client.flushall();
      },
    };
  });
});

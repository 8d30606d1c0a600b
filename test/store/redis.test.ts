import { afterAll, beforeAll, describe } from 'vitest';
import { openRedis } from '../../src/store/redis.ts';
import { describeStore } from '../contract/store.ts';
import { TEST_LIMITS } from '../fixtures/audit.ts';
import { startRedis, type ThrowawayRedis } from '../fixtures/redis.ts';
import {
  flush,
  type RedisCluster,
  type SentinelGroup,
  startCluster,
  startSentinelGroup,
} from '../fixtures/redis-servers.ts';

describe('one Redis server', () => {
  let redis: ThrowawayRedis;
  beforeAll(async () => {
    redis = await startRedis({ persistent: true, password: 'p@ss/word' });
  });
  afterAll(() => redis.stop());

  describeStore('a store on one Redis server', async () => ({
    open: () => openRedis(redis.url, TEST_LIMITS),
    dispose: () => flush([redis]),
  }));
});

describe('Redis behind Sentinel', () => {
  let group: SentinelGroup;
  beforeAll(async () => {
    group = await startSentinelGroup();
  });
  afterAll(() => group.stop());

  describeStore('a store on Redis behind Sentinel', async () => ({
    open: () => openRedis(group, TEST_LIMITS),
    dispose: () => flush(group.servers),
  }));
});

describe('a Redis Cluster', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(() => cluster.stop());

  describeStore('a store on a Redis Cluster of three nodes', async () => ({
    open: () => openRedis({ url: cluster.urls[0]!, cluster: cluster.urls.slice(1) }, TEST_LIMITS),
    dispose: () => flush(cluster.nodes),
  }));
});

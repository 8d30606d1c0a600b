import { afterAll, beforeAll, describe } from 'vitest';
import { openRedis } from '../../src/store/redis.ts';
import { describeConsentRegistry } from '../contract/consent.ts';
import { TEST_LIMITS } from '../fixtures/audit.ts';
import {
  flush,
  type RedisCluster,
  type SentinelGroup,
  startCluster,
  startSentinelGroup,
} from '../fixtures/redis-servers.ts';

describe('Redis behind Sentinel', () => {
  let group: SentinelGroup;
  beforeAll(async () => {
    group = await startSentinelGroup();
  });
  afterAll(() => group.stop());

  describeConsentRegistry('a registry in Redis behind Sentinel', async () => ({
    open: () => openRedis(group, TEST_LIMITS),
    isShared: true,
    dispose: () => flush(group.servers),
  }));
});

describe('a Redis Cluster', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(() => cluster.stop());

  describeConsentRegistry('a registry in a Redis Cluster of three nodes', async () => ({
    open: () => openRedis({ url: cluster.urls[0]!, cluster: cluster.urls.slice(1) }, TEST_LIMITS),
    isShared: true,
    dispose: () => flush(cluster.nodes),
  }));
});

import type { Config } from '../config/config.ts';
import { openEmbedded, openEmbeddedForReading } from '../store/embedded.ts';
import { openRedis } from '../store/redis.ts';
import type { ReadableStore, Store } from '../store/store.ts';

/** Opens the store of the vault for writing. @throws Error when it is embedded and Privet is running on it */
export async function openVaultStore({ store: { redis, embedded }, limits }: Config): Promise<Store> {
  return redis === undefined ? openEmbedded(embedded, limits) : openRedis(redis, limits);
}

/** Opens it for reading, also while Privet is running. */
export async function readVaultStore({ store: { redis, embedded }, limits }: Config): Promise<ReadableStore> {
  return redis === undefined ? openEmbeddedForReading(embedded) : openRedis(redis, limits);
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { openEmbedded } from '../../src/store/embedded.ts';
import { openRedis } from '../../src/store/redis.ts';
import type { Store } from '../../src/store/store.ts';
import { verifyVault } from '../../src/vault/upkeep/verify.ts';
import { startRedis } from '../fixtures/redis.ts';
import { type VaultUnderTest, vaultUnderTest } from './harness.ts';

type Acknowledged = Map<string, string>;

/**
 * Lets another process tokenize, and kills it, or what it writes to, in the middle. Notes what it had been told is safe.
 * @param args what it is told of where to write
 */
async function killWhileTokenizing(
  args: readonly string[],
  afterBatches: number,
  acknowledged: Acknowledged,
  killOther?: () => Promise<void>,
): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'tokenize-for-ever.ts'), ...args], {
    stdio: ['ignore', 'pipe', killOther === undefined ? 'inherit' : 'ignore'],
  });
  let batches = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    // The line that the kill cut off was never said.
    if (!line.endsWith(']]')) continue;
    const pairs = JSON.parse(line) as [string, { token: string }][];
    for (const [value, { token }] of pairs) acknowledged.set(value, token);
    if (++batches !== afterBatches) continue;
    if (killOther === undefined) child.kill('SIGKILL');
    else await killOther();
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** Every token that was ever given out reads, is found by its value, and all of the vault is whole. */
async function expectAll(acknowledged: Acknowledged, here: VaultUnderTest, store: Store): Promise<void> {
  expect(acknowledged.size).toBeGreaterThanOrEqual(11 * 20);
  const { vault } = await here.another(store);
  const tokens = [...acknowledged.values()].map((token) => ({ domain: 'nif', token }));
  const values = (await vault.detokenize(tokens)).map((one) => 'value' in one && one.value);
  expect(values).toEqual([...acknowledged.keys()]);
  const items = [...acknowledged.keys()].map((value) => ({
    domain: 'nif',
    value,
    as: { kind: 'deterministic' } as const,
  }));
  expect((await vault.lookUp(items)).flat()).toEqual([...acknowledged.values()]);
  const problems: string[] = [];
  await verifyVault({ ...here.context, store }, (problem) => problems.push(problem));
  expect(problems).toEqual([]);
}

describe('a vault that is killed with -9', () => {
  it('reads every token it ever gave out, finds each by value, and is whole', async () => {
    const here = await vaultUnderTest();
    await here.store.close();
    const acknowledged: Acknowledged = new Map();
    for (const afterBatches of [1, 3, 7]) await killWhileTokenizing([here.path], afterBatches, acknowledged);
    const store = openEmbedded(join(here.path, 'data'), DEFAULT_LIMITS);
    await expectAll(acknowledged, here, store);
    await store.close();
    rmSync(here.path, { recursive: true });
  });

  it('does so in Redis, whether Privet is killed or Redis', async () => {
    const here = await vaultUnderTest();
    const redis = await startRedis({ persistent: true });
    const acknowledged: Acknowledged = new Map();
    for (const afterBatches of [1, 5]) {
      await killWhileTokenizing([here.path, redis.url], afterBatches, acknowledged);
      await killWhileTokenizing([here.path, redis.url], afterBatches, acknowledged, redis.kill);
      await redis.restart();
    }
    const store = await openRedis(redis.url, DEFAULT_LIMITS);
    await expectAll(acknowledged, here, store);
    await store.close();
    await redis.stop();
    await here.dispose();
  });
});

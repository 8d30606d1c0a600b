import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { openEmbedded } from '../../src/store/embedded.ts';
import { verifyVault } from '../../src/vault/verify.ts';
import { vaultUnderTest } from './harness.ts';

/** Lets another process tokenize, and kills it in the middle. @returns what it had been told is safe */
async function killWhileTokenizing(folder: string, afterBatches: number): Promise<Map<string, string>> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'tokenize-for-ever.ts'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const acknowledged = new Map<string, string>();
  let batches = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    // The line that the kill cut off was never said.
    if (!line.endsWith(']]')) continue;
    const pairs = JSON.parse(line) as [string, { token: string }][];
    for (const [value, { token }] of pairs) acknowledged.set(value, token);
    if (++batches === afterBatches) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return acknowledged;
}

describe('a vault that is killed with -9', () => {
  it('reads every token it ever gave out, finds each by value, and is whole', async () => {
    const here = await vaultUnderTest();
    await here.store.close();
    const acknowledged = new Map<string, string>();
    for (const afterBatches of [1, 3, 7]) {
      for (const pair of await killWhileTokenizing(here.path, afterBatches)) acknowledged.set(...pair);
    }
    expect(acknowledged.size).toBeGreaterThanOrEqual(11 * 20);
    const store = openEmbedded(join(here.path, 'data'), DEFAULT_LIMITS);
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
    await store.close();
    rmSync(here.path, { recursive: true });
  });
});

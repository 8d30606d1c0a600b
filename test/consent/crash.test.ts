import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import type { ConsentEvent } from '../../src/model/consent.ts';
import { openEmbedded } from '../../src/store/embedded.ts';
import { TEST_LIMITS, temporaryDirectory } from '../fixtures/audit.ts';
import { registryOver } from '../fixtures/consent.ts';

/** Lets another process append, and kills it in the middle. @returns what it had been told is on record */
async function killWhileAppending(folder: string, afterCalls: number): Promise<readonly ConsentEvent[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'append-for-ever.ts'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const acknowledged: ConsentEvent[] = [];
  let calls = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    // The line that the kill cut off was never said.
    if (!line.endsWith('}]')) continue;
    acknowledged.push(...(JSON.parse(line) as ConsentEvent[]));
    if (++calls === afterCalls) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return acknowledged;
}

describe('a registry that is killed with -9', () => {
  it('has every event that it ever acknowledged, and takes the same people for one', async () => {
    const directory = temporaryDirectory();
    const acknowledged: ConsentEvent[] = [];
    for (const afterCalls of [1, 4, 9])
      acknowledged.push(...(await killWhileAppending(directory.path, afterCalls)));
    expect(acknowledged.length).toBeGreaterThanOrEqual(14 * 10);
    const store = openEmbedded(directory.path, TEST_LIMITS);
    const registry = await registryOver(store);
    for (const who of ['record', 'email'] as const) {
      const standings = await registry.standings(acknowledged.map((event) => ({ [who]: event.who[who] })));
      const states = acknowledged.map(({ purpose = '' }, index) => standings[index]?.consent(purpose).state);
      expect(new Set(states)).toEqual(new Set(['objected']));
    }
    const { outcomes } = await registry.append(acknowledged);
    expect(new Set(outcomes)).toEqual(new Set(['known']));
    registry.close();
    await store.close();
    directory.remove();
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { createReadingBudget } from '../../src/budget/reading-budget.ts';
import { openEmbedded } from '../../src/store/embedded.ts';
import { TEST_LIMITS, temporaryDirectory } from '../fixtures/audit.ts';
import { keyedHash } from '../fixtures/keyed-hash.ts';

/** Lets another process read, and kills it in the middle. @returns the records that were let through */
async function killWhileReading(folder: string, afterAnswers: number): Promise<readonly string[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'read-for-ever.ts'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const shown: string[] = [];
  let answers = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    // The line that the kill cut off was never said.
    if (!line.endsWith('"]')) continue;
    shown.push(...(JSON.parse(line) as string[]));
    if (++answers === afterAnswers) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return shown;
}

describe('a reading budget that is killed with -9', () => {
  it('has counted every record that was let through', async () => {
    const directory = temporaryDirectory();
    const shown: string[] = [];
    for (const afterAnswers of [1, 4, 90])
      shown.push(...(await killWhileReading(directory.path, afterAnswers)));
    expect(shown.length).toBeGreaterThanOrEqual(95 * 20);
    const store = openEmbedded(directory.path, TEST_LIMITS);
    const budget = createReadingBudget({ store, clock: Date.now, limits: TEST_LIMITS, keyedHash });
    const allotment = { holder: 'jwt:olena', policy: 'reading-budget', perMs: 3_600_000 };
    const names = shown.map(budget.nameOf);
    expect(await budget.take({ ...allotment, recordsMax: names.length }, names)).toEqual({
      granted: true,
      counted: 0,
    });
    const another = [budget.nameOf('another')];
    expect(await budget.take({ ...allotment, recordsMax: names.length }, another)).toMatchObject({
      granted: false,
    });
    await store.close();
    directory.remove();
  });
});

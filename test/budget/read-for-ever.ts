import { createReadingBudget } from '../../src/budget/reading-budget.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { openEmbedded } from '../../src/store/embedded.ts';
import { keyedHash } from '../fixtures/keyed-hash.ts';

/** Reads records until it is killed; a line for every answer that may leave. */
const store = openEmbedded(process.argv[2] ?? '', DEFAULT_LIMITS);
const budget = createReadingBudget({ store, clock: Date.now, limits: DEFAULT_LIMITS, keyedHash });
const allotment = { holder: 'jwt:olena', policy: 'reading-budget', recordsMax: 100_000, perMs: 3_600_000 };
for (let answer = 0; ; answer++) {
  const records = Array.from({ length: 20 }, (_, index) => `${process.pid} ${answer} ${index}`);
  const verdict = await budget.take(allotment, records.map(budget.nameOf));
  if (verdict?.granted === true) process.stdout.write(`${JSON.stringify(records)}\n`);
}

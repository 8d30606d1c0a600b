import { describe, expect, it } from 'vitest';
import { createReadingBudget } from '../../src/budget/reading-budget.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { openEmbedded } from '../../src/store/embedded.ts';
import { describeReadingBudget } from '../contract/reading-budget.ts';
import { TEST_LIMITS, temporaryDirectory } from '../fixtures/audit.ts';
import { onEveryStore } from '../fixtures/every-store.ts';
import { type Fault, faulty } from '../fixtures/faulty-store.ts';
import { keyedHash } from '../fixtures/keyed-hash.ts';

onEveryStore(describeReadingBudget);

describe('a store that fails', () => {
  const allotment = { holder: 'jwt:olena', policy: 'reading-budget', recordsMax: 10, perMs: 60_000 };

  it.each<Fault>(['before', 'after'])(
    '%s the write lets nothing pass, and nothing is forgotten',
    async (fault) => {
      const directory = temporaryDirectory();
      const store = openEmbedded(directory.path, TEST_LIMITS);
      let next: Fault = 'none';
      const budget = createReadingBudget({
        store: faulty(store, () => next),
        clock: Date.now,
        limits: DEFAULT_LIMITS,
        keyedHash,
      });
      const names = Array.from({ length: 11 }, (_, index) => budget.nameOf(String(index)));
      await budget.take(allotment, names.slice(0, 4));
      next = fault;
      await expect(budget.take(allotment, names.slice(4, 8))).rejects.toMatchObject({
        code: 'BUDGET_UNAVAILABLE',
      });
      next = 'none';
      expect(await budget.take(allotment, names.slice(0, 8))).toEqual({
        granted: true,
        counted: fault === 'after' ? 0 : 4,
      });
      expect(await budget.take(allotment, names.slice(8))).toMatchObject({ granted: false });
      await store.close();
      directory.remove();
    },
  );
});

import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Journal, openJournal } from '../../src/store/journal.ts';
import { temporaryDirectory } from '../fixtures/audit.ts';
import { disk, type Fault } from '../fixtures/faulty-disk.ts';
import { bytes, contentOf, LIMITS, SEGMENT_BYTES } from './records.ts';

vi.mock('node:fs', async (original) => {
  const { faultyDisk } = await import('../fixtures/faulty-disk.ts');
  return faultyDisk(await original());
});

let directory: ReturnType<typeof temporaryDirectory>;
let journal: Journal;

const open = async (limits = LIMITS): Promise<Journal> => {
  journal = await openJournal(directory.path, limits, SEGMENT_BYTES);
  return journal;
};
const reopen = async (): Promise<Journal> => {
  await journal.close();
  return open();
};

beforeEach(async () => {
  directory = temporaryDirectory();
  await open();
});
afterEach(async () => {
  disk.next = () => 'none';
  await journal.close();
  directory.remove();
});

describe('the journal, whatever is done to it', () => {
  /** What the journal should hold, and from which record on. */
  let held: string[];
  let removed: number;
  /** The writes that failed since the last one that did not: after a crash one of them may turn out whole. */
  let failed: string[][];

  const steps = {
    append: async (sizes: readonly number[]) => {
      const values = sizes.map((size, index) => `${held.length + index}:`.padEnd(size, 'x'));
      const [outcome] = await Promise.allSettled([journal.append(bytes(...values))]);
      failed = outcome.status === 'rejected' ? [...failed, values] : [];
      held.push(...(outcome.status === 'rejected' ? [] : values));
    },
    remove: async () => {
      removed = held.length >> 1;
      await journal.remove(removed);
    },
    crash: async () => {
      await reopen();
      const found = await contentOf(journal, held.length);
      expect([[], ...failed]).toContainEqual(found);
      held.push(...found);
      failed = [];
    },
  };
  const plans = fc.array(
    fc.record({
      what: fc.constantFrom<keyof typeof steps>('append', 'append', 'append', 'append', 'remove', 'crash'),
      sizes: fc.array(fc.nat(3_000), { minLength: 1, maxLength: 5 }),
    }),
    { minLength: 1, maxLength: 15 },
  );
  const faults = fc.array(fc.constantFrom<Fault>('none', 'none', 'none', 'before', 'half', 'after'));

  it('holds what was acknowledged and no more, whichever writes fail and whenever it crashes', async () => {
    await fc.assert(
      fc.asyncProperty(plans, faults, async (plan, left) => {
        [held, removed, failed] = [[], 0, []];
        await journal.close();
        directory.remove();
        await open();
        const faultsLeft = [...left];
        disk.next = () => faultsLeft.shift() ?? 'none';
        for (const { what, sizes } of plan) {
          await steps[what](sizes);
          expect(journal.end().number).toBe(held.length);
        }
        disk.next = () => 'none';
        expect(await contentOf(journal, removed)).toEqual(held.slice(removed));
        await steps.crash();
        expect(await contentOf(journal, removed)).toEqual(held.slice(removed));
      }),
      {
        numRuns: 25,
        examples: [
          // The file that stands open is replaced by a larger one, because nothing in it was acknowledged.
          [
            [
              { what: 'append', sizes: [221] },
              { what: 'crash', sizes: [0] },
              { what: 'append', sizes: [3_000, 3_000, 2_000] },
              { what: 'append', sizes: [0] },
            ],
            ['none', 'none', 'half'],
          ],
        ],
      },
    );
  });
});

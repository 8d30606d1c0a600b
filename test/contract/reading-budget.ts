import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Verdict } from '../../src/budget/account.ts';
import { type Allotment, createReadingBudget, type ReadingBudget } from '../../src/budget/reading-budget.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import type { StoresUnderTest } from '../fixtures/every-store.ts';
import { keyedHash } from '../fixtures/keyed-hash.ts';

const INITIALS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const HOUR_MS = 3_600_000;
const SLICE_MS = HOUR_MS / 12;
const GRANTED = (counted: number) => ({ granted: true, counted });

/** What reading budgets must do, whatever store they are in. */
export function describeReadingBudget(name: string, prepare: () => Promise<StoresUnderTest>): void {
  describe(`reading budgets in ${name}`, () => {
    let stores: StoresUnderTest;
    let now = 0;
    let one: ReadingBudget;
    let other: ReadingBudget;
    let runs = 0;

    const instance = async (limits = DEFAULT_LIMITS): Promise<ReadingBudget> =>
      createReadingBudget({ store: await stores.open(), clock: () => now, limits, keyedHash });
    const allotment = (recordsMax: number, over: Partial<Allotment> = {}): Allotment => ({
      holder: 'jwt:olena',
      policy: 'reading-budget',
      recordsMax,
      perMs: HOUR_MS,
      ...over,
    });
    const names = (budget: ReadingBudget, from: number, to: number): string[] =>
      Array.from({ length: to - from }, (_, index) => budget.nameOf(`sales::${from + index}`));
    const read = async (
      budget: ReadingBudget,
      of: Allotment,
      from: number,
      to: number,
    ): Promise<Verdict | 'free'> => (await budget.take(of, names(budget, from, to))) ?? 'free';

    beforeEach(async () => {
      now = Date.UTC(2026, 10, 25);
      stores = await prepare();
      one = await instance();
      other = await instance();
    });
    afterEach(() => stores.dispose());

    it('let through as many records as the limit says, and not one more', async () => {
      const of = allotment(10);
      expect(await read(one, of, 0, 9)).toEqual(GRANTED(9));
      expect(await read(one, of, 9, 11)).toMatchObject({ granted: false });
      expect(await read(one, of, 9, 10)).toEqual(GRANTED(1));
      expect(await read(one, of, 10, 11)).toMatchObject({ granted: false });
    });

    it('take nothing for records that were read before, by whatever instance', async () => {
      const of = allotment(10);
      await read(one, of, 0, 10);
      expect(await read(one, of, 0, 10)).toBe('free');
      expect(await read(other, of, 0, 10)).toEqual(GRANTED(0));
      expect(await read(other, of, 3, 4)).toBe('free');
    });

    it('count one record once, however often it stands in an answer', async () => {
      const twice = [...names(one, 0, 3), ...names(one, 0, 3)];
      expect(await one.take(allotment(3), twice)).toEqual(GRANTED(3));
    });

    it('are each principal’s and each policy’s own', async () => {
      await read(one, allotment(3), 0, 3);
      expect(await read(one, allotment(3), 3, 4)).toMatchObject({ granted: false });
      expect(await read(one, allotment(3, { holder: 'jwt:ana' }), 3, 6)).toEqual(GRANTED(3));
      expect(await read(one, allotment(3, { policy: 'daily' }), 3, 6)).toEqual(GRANTED(3));
    });

    it('see what other instances have counted', async () => {
      const of = allotment(10);
      expect(await read(one, of, 0, 6)).toEqual(GRANTED(6));
      expect(await read(other, of, 6, 10)).toEqual(GRANTED(4));
      expect(await read(one, of, 10, 11)).toMatchObject({ granted: false });
      expect(await read(other, of, 10, 11)).toMatchObject({ granted: false });
    });

    it('are not reset by a restart', async () => {
      const of = allotment(10);
      await read(one, of, 0, 10);
      const restarted = await instance();
      expect(await read(restarted, of, 10, 11)).toMatchObject({ granted: false });
      expect(await read(restarted, of, 0, 10)).toBe('free');
    });

    it('say when there is room again, and there is', async () => {
      const of = allotment(10);
      await read(one, of, 0, 4);
      now += 20 * 60_000;
      await read(one, of, 4, 10);
      const verdict = await read(one, of, 10, 13);
      expect(verdict).toEqual({ granted: false, retryMs: HOUR_MS + SLICE_MS - 20 * 60_000 });
      now += (verdict as { retryMs: number }).retryMs;
      expect(await read(one, of, 10, 13)).toEqual(GRANTED(3));
      expect(await read(one, of, 13, 15)).toMatchObject({ granted: false });
    });

    it('never have room for more than the limit at once', async () => {
      expect(await read(one, allotment(10), 0, 11)).toEqual({ granted: false, retryMs: undefined });
    });

    it('keep counting a record that is read again and again', async () => {
      const of = allotment(2);
      await read(one, of, 0, 1);
      for (let minutes = 0; minutes < 120; minutes += 10) {
        now += 10 * 60_000;
        expect(await read(one, of, 0, 1)).toEqual(GRANTED(0));
      }
      expect(await read(one, of, 1, 3)).toMatchObject({ granted: false });
    });

    it('stay small in the store, however many answers they are spent on', async () => {
      const store = await stores.open();
      const of = allotment(2_000);
      for (let start = 0; start < 400; start++) await read(one, of, start, start + 1);
      const entries = async (kind: string) =>
        (
          await Promise.all(
            Array.from(INITIALS, (initial) =>
              store.page({ from: `budget.${initial}/${kind}/`, to: `budget.${initial}/${kind}0` }, 1_000),
            ),
          )
        ).flat();
      expect((await entries('line')).length).toBeLessThan(70);
      const restarted = await instance();
      expect(await read(restarted, of, 0, 400)).toEqual(GRANTED(0));
      now += 2 * HOUR_MS;
      await one.sweep();
      expect([...(await entries('head')), ...(await entries('line'))]).toEqual([]);
      expect(await read(restarted, of, 400, 2_400)).toEqual(GRANTED(2_000));
    });

    it('hold no more in memory than they may, and know all the same', async () => {
      const small = await instance({ ...DEFAULT_LIMITS, budgetRecordsHeldMax: 50 });
      const holders = Array.from({ length: 10 }, (_, index) => allotment(10, { holder: `jwt:${index}` }));
      for (const of of holders) await read(small, of, 0, 10);
      for (const of of holders) expect(await read(small, of, 10, 11)).toMatchObject({ granted: false });
    });

    it('serve everyone who asks at once, in turn', async () => {
      const of = allotment(100);
      const verdicts = await Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          read(index % 2 === 0 ? one : other, of, index * 5, index * 5 + 5),
        ),
      );
      expect(verdicts.filter((verdict) => verdict !== 'free' && verdict.granted)).toHaveLength(20);
    });

    it('keep no record’s id in the store', async () => {
      await one.take(allotment(10), [one.nameOf('sales::0035g000001secretAAA')]);
      const store = await stores.open();
      const pages = await Promise.all(
        Array.from(INITIALS, (initial) =>
          store.page({ from: `budget.${initial}/`, to: `budget.${initial}0` }, 100).catch(() => []),
        ),
      );
      const text = pages.flat().map(({ key, value }) => key + Buffer.from(value).toString('latin1'));
      expect(text.join('')).not.toMatch(/secret|olena/);
    });

    it('never let more through within any window, whoever reads what when on two instances', async () => {
      const step = fc.record({
        instance: fc.boolean(),
        from: fc.integer({ min: 0, max: 40 }),
        count: fc.integer({ min: 1, max: 12 }),
        waitMs: fc.constantFrom(0, 0, 0, 60_000, SLICE_MS, 20 * 60_000),
        /** Asked together with the next. */
        together: fc.boolean(),
        restarts: fc.boolean(),
      });
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 1, maxLength: 25 }),
          fc.integer({ min: 5, max: 30 }),
          async (steps, recordsMax) => {
            const of = allotment(recordsMax, { holder: `jwt:property ${runs++}` });
            const budgets = [await instance(), await instance()];
            const granted: { readonly at: number; readonly name: string }[] = [];
            let running: Promise<void>[] = [];
            for (const { instance: second, from, count, waitMs, together, restarts } of steps) {
              const index = second ? 1 : 0;
              const budget = budgets[index]!;
              const asked = names(budget, from, from + count);
              const at = now;
              const reading = async (): Promise<void> => {
                const verdict = await budget.take(of, asked);
                if (verdict === undefined || verdict.granted)
                  granted.push(...asked.map((name) => ({ at, name })));
              };
              running.push(reading());
              if (together) continue;
              await Promise.all(running);
              running = [];
              now += waitMs;
              if (restarts) budgets[index] = await instance();
            }
            await Promise.all(running);
            for (const { at } of granted) {
              const within = granted.filter((one) => one.at <= at && one.at > at - HOUR_MS);
              expect(new Set(within.map(({ name }) => name)).size).toBeLessThanOrEqual(recordsMax);
            }
          },
        ),
        { numRuns: 40 },
      );
    });
  });
}

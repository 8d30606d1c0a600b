import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../../src/budget/account.ts';
import type { Allotment } from '../../../src/budget/reading-budget.ts';
import {
  type BudgetAccess,
  createReadingToll,
  guardBudget,
  type TollOptions,
  tollOnWritten,
} from '../../../src/enforce/limits/reading-limits.ts';
import { createTally } from '../../../src/enforce/record/tally.ts';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import type { ReadingLimit } from '../../../src/model/decision.ts';

const limit = (
  policy: string,
  objects: readonly string[],
  over: Partial<ReadingLimit> = {},
): ReadingLimit => ({
  policy,
  records: 3,
  perMs: 3_600_000,
  covers: (object) => object === '*' || objects.includes(object),
  ...over,
});

/** A budget that writes down what it is asked, and says what it is told. */
function budgetOf(verdict: (allotment: Allotment, names: readonly string[]) => Verdict | undefined) {
  const taken: [string, readonly string[]][] = [];
  const budget: BudgetAccess = {
    nameOf: (record) => record,
    take: (allotment, names) => {
      taken.push([allotment.policy, names]);
      const said = verdict(allotment, names);
      return said && Promise.resolve(said);
    },
  };
  return { budget, taken };
}

const GRANTS = (_: Allotment, names: readonly string[]): Verdict => ({
  granted: true,
  counted: names.length,
});

function toll(over: Partial<TollOptions> & Pick<TollOptions, 'budget' | 'limits'>) {
  const tally = createTally(DEFAULT_LIMITS);
  const options = {
    holder: 'jwt:olena',
    nameOf: (object: string, id: string) => `sales:${object}:${id}`,
    isUntold: false,
    tally,
    ...over,
  };
  return { toll: createReadingToll(options), tally };
}

describe('the toll on records that are shown', () => {
  it('is one for a record, noted by its id or by its name', async () => {
    const { budget, taken } = budgetOf(GRANTS);
    const { toll: own } = toll({ budget, limits: [limit('people', ['Contact'])] });
    own.note('Contact', '1');
    own.noteNamed('Contact', 'sales:Contact:1');
    own.noteNamed('Lead', 'sales:Lead:1');
    await own.take();
    expect(taken).toEqual([['people', ['sales:Contact:1']]]);
  });

  it('is another for each row that is computed, though a record is named in it', async () => {
    const { budget, taken } = budgetOf(GRANTS);
    const { toll: own } = toll({ budget, limits: [limit('people', ['Contact'])], computedOver: ['Contact'] });
    own.noteNamed('Contact', 'sales:Contact:1');
    own.noteNamed('Contact', 'sales:Contact:1');
    await own.take();
    expect(taken[0]?.[1]).toHaveLength(2);
    expect(taken[0]?.[1]).not.toContain('sales:Contact:1');
  });

  it('is one for a number that is computed without rows', async () => {
    const { budget, taken } = budgetOf(GRANTS);
    const { toll: own } = toll({ budget, limits: [limit('people', ['Contact'])], computedOver: ['Contact'] });
    await own.take();
    expect(taken.map(([policy, names]) => [policy, names.length])).toEqual([['people', 1]]);
    const { toll: other } = toll({
      budget,
      limits: [limit('people', ['Contact'])],
      computedOver: ['Account'],
    });
    expect(other.take()).toBeUndefined();
  });

  it('asks once for all that was noted, by each limit that is about the object', async () => {
    const { budget, taken } = budgetOf(GRANTS);
    const limits = [limit('people', ['Contact']), limit('all', ['Contact', 'Account'])];
    const { toll: own, tally } = toll({ budget, limits });
    own.note('Contact', '1');
    own.note('Account', '2');
    own.note('Contact', '1');
    await own.take();
    expect(taken).toEqual([
      ['people', ['sales:Contact:1']],
      ['all', ['sales:Contact:1', 'sales:Account:2']],
    ]);
    expect(own.take()).toBeUndefined();
    expect(tally.report().records.counted).toBe(2);
  });

  it('waits for nothing where all was counted a moment ago', () => {
    const { budget } = budgetOf(() => undefined);
    const { toll: own } = toll({ budget, limits: [limit('people', ['Contact'])] });
    own.note('Contact', '1');
    expect(own.take()).toBeUndefined();
  });

  it('refuses in the name of the policy, says when to come back, and asks no further limit', async () => {
    const { budget, taken } = budgetOf(() => ({ granted: false, retryMs: 25 * 60_000 }));
    const limits = [limit('hourly', ['Contact'], { records: 2_000 }), limit('daily', ['Contact'])];
    const { toll: own, tally } = toll({ budget, limits });
    own.note('Contact', '1');
    await expect(own.take()).rejects.toMatchObject({
      denial: {
        policy: 'hourly',
        message:
          'You may read 2,000 records per hour, and this would be more. Try again in about 25 minutes.',
      },
    });
    expect(taken).toHaveLength(1);
    expect(tally.report()).toMatchObject({ overBudget: 'hourly', records: { counted: 0 } });
  });

  it('says that waiting does not help where there is never so much room', async () => {
    const { budget } = budgetOf(() => ({ granted: false, retryMs: undefined }));
    const { toll: own } = toll({ budget, limits: [limit('people', ['Contact'])] });
    own.note('Contact', '1');
    await expect(own.take()).rejects.toMatchObject({
      denial: { message: expect.stringContaining('Ask for fewer') },
    });
  });

  it('gives a record without an id a name that no other has', async () => {
    const { budget, taken } = budgetOf(GRANTS);
    const { toll: own } = toll({ budget, limits: [limit('people', ['Contact'], { records: 10 })] });
    for (const id of [undefined, undefined, '']) own.note('Contact', id);
    await own.take();
    const [, names = []] = taken[0] ?? [];
    expect(new Set(names).size).toBe(3);
    for (const name of names) expect(name).toMatch(/^[\w-]{22}$/);
  });

  it('counts the rows of what is computed over its objects, each time, and of nothing else', async () => {
    const { budget, taken } = budgetOf(GRANTS);
    const limits = [limit('people', ['Contact']), limit('deals', ['Opportunity'])];
    const { toll: own } = toll({ budget, limits, computedOver: ['Contact'] });
    own.note('AggregateResult', undefined);
    own.note('AggregateResult', '1');
    await own.take();
    expect(taken.map(([policy, names]) => [policy, names.length])).toEqual([['people', 2]]);
  });

  it('counts what has no id where the request does not tell what it reads', async () => {
    const { budget, taken } = budgetOf(GRANTS);
    const { toll: own } = toll({ budget, limits: [limit('people', ['Contact'])], isUntold: true });
    own.note('AggregateResult', undefined);
    own.note('Account', '1');
    own.note('', '2');
    await own.take();
    expect(taken[0]?.[1]).toHaveLength(2);
  });

  it('holds no more names than can make a difference', async () => {
    const { budget, taken } = budgetOf(GRANTS);
    const { toll: own } = toll({ budget, limits: [limit('people', ['Contact'])] });
    for (let id = 0; id < 1_000; id++) own.note('Contact', String(id));
    await own.take();
    expect(taken[0]?.[1]).toHaveLength(4);
  });

  it('lets nothing pass where there is no budget', async () => {
    const { toll: own } = toll({ budget: guardBudget(undefined), limits: [limit('people', ['Contact'])] });
    own.note('Contact', '1');
    await expect(own.take()).rejects.toMatchObject({ code: 'BUDGET_UNAVAILABLE' });
  });

  it('withholds what was written instead of refusing it', async () => {
    const { budget } = budgetOf(() => ({ granted: false, retryMs: 1 }));
    const limits = [limit('people', ['Contact'])];
    const written = tollOnWritten(toll({ budget, limits }).toll, limits);
    expect(written.spentBy()).toBeUndefined();
    written.note('Contact', '1');
    await written.take();
    expect(written.spentBy()).toEqual({
      policy: 'people',
      reason: expect.stringMatching(/^limit: \d+ records per /),
    });
  });
});

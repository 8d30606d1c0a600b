import { randomBytes } from 'node:crypto';
import type { Verdict } from '../budget/account.ts';
import type { Allotment, ReadingBudget } from '../budget/reading-budget.ts';
import { PrivetError } from '../errors.ts';
import type { Denial, ReadingLimit } from '../model/decision.ts';
import { waitInWords, windowInWords } from './duration.ts';
import { Refusal } from './refusal.ts';
import type { Tally } from './tally.ts';

/** What enforcement asks of reading budgets. */
export type BudgetAccess = Pick<ReadingBudget, 'nameOf' | 'take'>;

/** Without budgets, whatever has to be counted is refused. */
export function guardBudget(budget: BudgetAccess | undefined): BudgetAccess {
  return (
    budget ?? {
      nameOf: (record) => record,
      take: () => Promise.reject(new PrivetError('BUDGET_UNAVAILABLE')),
    }
  );
}

/** Counts the records of one answer against the limits on reading them. */
export interface ReadingToll {
  /**
   * Notes a record that is to be shown.
   * @param object canonical name, or `*`
   * @param id undefined: it cannot be told from other records, so it counts each time
   */
  readonly note: (object: string, id: string | undefined) => void;
  /** The same of a record whose name is known. */
  readonly noteNamed: (object: string, name: string) => void;
  /**
   * Counts what was noted: nothing of it may leave before. Undefined when there is nothing to wait for.
   * @throws (as rejection) Refusal; PrivetError BUDGET_UNAVAILABLE
   */
  readonly take: () => Promise<void> | undefined;
}

export interface TollOptions {
  readonly budget: Pick<BudgetAccess, 'take'>;
  readonly limits: readonly ReadingLimit[];
  /** Who reads. */
  readonly holder: string;
  /** Name that records of this upstream are counted under. */
  readonly nameOf: (object: string, id: string) => string;
  /**
   * Objects that the answer is computed over: its rows are no records but may show what stands in them (GROUP BY Email), so
   * each counts as a record that nobody has seen before.
   */
  readonly computedOver?: readonly string[];
  /** The request does not tell what it reads: what has no id may then be of any object. */
  readonly isUntold: boolean;
  readonly tally: Tally;
}

/** The part of an answer that counts against one limit. */
interface Count {
  readonly limit: ReadingLimit;
  readonly allotment: Allotment;
  names: Set<string>;
  counted: number;
}

export function createReadingToll(options: TollOptions): ReadingToll {
  const { budget, limits, holder, computedOver, isUntold, tally } = options;
  const counts = limits
    .filter(({ covers }) => computedOver === undefined || computedOver.some(covers))
    .map((limit): Count => {
      const { policy, records, perMs } = limit;
      const allotment = { holder, policy, recordsMax: records, perMs };
      return { limit, allotment, names: new Set(), counted: 0 };
    });
  tally.counted(0);

  async function settle(verdict: Promise<Verdict>, count: Count, rest: readonly Count[]): Promise<void> {
    const found = await verdict;
    if (!found.granted) {
      const denial = denialOf(count.limit, found.retryMs);
      tally.overBudget(denial.policy);
      throw new Refusal(denial);
    }
    count.counted += found.counted;
    tally.counted(Math.max(...counts.map(({ counted }) => counted)));
    await take(rest);
  }

  /** One after the other, so that what one limit refuses is not counted against the next. */
  function take(open: readonly Count[]): Promise<void> | undefined {
    for (const [index, count] of open.entries()) {
      const { names } = count;
      if (names.size === 0) continue;
      count.names = new Set();
      const verdict = budget.take(count.allotment, [...names]);
      if (verdict !== undefined) return settle(verdict, count, open.slice(index + 1));
    }
    return undefined;
  }

  function noteOf(counted: string, object: string, id: string | undefined, known?: string): void {
    let name = known;
    for (const { limit, names } of counts) {
      if (computedOver === undefined && !limit.covers(counted)) continue;
      // More than the limit will not be granted, however many more.
      if (names.size > limit.records) continue;
      name ??= nameIn(options, object, id);
      names.add(name);
    }
  }

  return {
    // Rows of a job that nobody knows here are of no object at all.
    note: (object, id) => noteOf(object === '' || (isUntold && id === undefined) ? '*' : object, object, id),
    noteNamed: (object, name) =>
      noteOf(object === '' ? '*' : object, object, undefined, computedOver === undefined ? name : undefined),
    take: () => take(counts),
  };
}

function nameIn({ computedOver, nameOf }: TollOptions, object: string, id: string | undefined): string {
  return id === undefined || id === '' || computedOver !== undefined ? unlikeAnyOther() : nameOf(object, id);
}

/** As long as the names of the budget. */
function unlikeAnyOther(): string {
  return randomBytes(16).toString('base64url');
}

function denialOf(own: ReadingLimit, retryMs: number | undefined): Denial {
  const { policy } = own;
  const limit = limitInWords(own);
  const message =
    retryMs === undefined
      ? `There are more records in this answer than may be read: ${limit}. Ask for fewer.`
      : `You may read ${limit}, and this would be more. Try again in ${waitInWords(retryMs)}.`;
  return { policy, message };
}

export function limitInWords({ records, perMs }: ReadingLimit): string {
  return `${records.toLocaleString('en')} records per ${windowInWords(perMs)}`;
}

/** The answer to a write: what has been written cannot be refused any more, but need not be shown. */
export interface WrittenToll {
  readonly note: ReadingToll['note'];
  /** Never rejects. */
  readonly take: ReadingToll['take'];
  /** The policy for which nothing more is shown, and why, in a few words; undefined while there is room. */
  readonly spentBy: () => SpentBy | undefined;
}

export interface SpentBy {
  readonly policy: string;
  readonly reason: string;
}

/** @param limits those of the toll */
export function tollOnWritten(toll: ReadingToll, limits: readonly ReadingLimit[]): WrittenToll {
  let spentBy: SpentBy | undefined;
  const withhold = (error: unknown): void => {
    const policy = error instanceof Refusal ? error.denial.policy : 'BUDGET_UNAVAILABLE';
    const limit = limits.find((one) => one.policy === policy);
    spentBy = { policy, reason: `limit: ${limit === undefined ? 'cannot be counted' : limitInWords(limit)}` };
  };
  return {
    note: toll.note,
    take: () => toll.take()?.catch(withhold),
    spentBy: () => spentBy,
  };
}

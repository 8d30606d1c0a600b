import { randomBytes } from 'node:crypto';
import type { Verdict } from '../../budget/account.ts';
import type { Allotment, ReadingBudget } from '../../budget/reading-budget.ts';
import { PrivetError } from '../../errors.ts';
import type { Denial, ReadingLimit } from '../../model/decision.ts';
import type { Tally } from '../record/tally.ts';
import { Refusal } from '../refusal.ts';
import { waitInWords, windowInWords } from './duration.ts';

/** What enforcement asks of reading budgets. */
export type BudgetAccess = Pick<ReadingBudget, 'nameOf' | 'take'>;

/** Without budgets, answers that have to be counted are refused. */
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
   * Counts the noted records, none of which may leave before. Undefined when there is nothing to wait for.
   * @throws (as rejection) Refusal; PrivetError BUDGET_UNAVAILABLE
   */
  readonly take: () => Promise<void> | undefined;
}

export interface TollOptions {
  readonly budget: Pick<BudgetAccess, 'take'>;
  readonly limits: readonly ReadingLimit[];
  /** Who reads. */
  readonly holder: string;
  /** Name under which a record of this upstream is counted. */
  readonly nameOf: (object: string, id: string) => string;
  /**
   * Objects that the answer is computed over. Its rows are no records but may show values of records (GROUP BY Email),
   * so each counts as a new record. An answer without rows counts as one: a number tells whether somebody is among the
   * records that are counted.
   */
  readonly computedOver?: readonly string[];
  /** The request does not tell which objects it reads: a record without an id may then be of any. */
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
  /** The answer itself is counted, and its first row along with it. */
  let isFirstCounted = computedOver !== undefined;
  if (isFirstCounted) for (const { names } of counts) names.add(unlikeAnyOther());

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

  /** One limit after the other, so that records refused by one are not counted against the next. */
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
    if (isFirstCounted) {
      isFirstCounted = false;
      return;
    }
    let name = known;
    for (const { limit, names } of counts) {
      if (computedOver === undefined && !limit.covers(counted)) continue;
      // The limit is already exceeded: further names make no difference.
      if (names.size > limit.records) continue;
      name ??= nameIn(options, object, id);
      names.add(name);
    }
  }

  return {
    // Rows of an unknown job have no object.
    note: (object, id) => noteOf(object === '' || (isUntold && id === undefined) ? '*' : object, object, id),
    noteNamed: (object, name) =>
      noteOf(object === '' ? '*' : object, object, undefined, computedOver === undefined ? name : undefined),
    take: () => take(counts),
  };
}

function nameIn({ computedOver, nameOf }: TollOptions, object: string, id: string | undefined): string {
  return id === undefined || id === '' || computedOver !== undefined ? unlikeAnyOther() : nameOf(object, id);
}

/** A random name of the same length as keyed ones, for a record that cannot be told from others. */
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

/** Counts the records in the answer to a write, which can no longer be refused but need not be shown. */
export interface WrittenToll {
  readonly note: ReadingToll['note'];
  /** Never rejects. */
  readonly take: ReadingToll['take'];
  /** The policy whose limit is used up, and why in a few words; undefined while there is room. */
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

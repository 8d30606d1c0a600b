import type { Standing } from '../model/consent.ts';
import type { ObjectView, RowRule } from '../model/decision.ts';
import type { RecordFacts } from '../model/record-facts.ts';
import type { Foreseen } from './counts.ts';
import { type FoundOut, failedRule, standingIn } from './disclosure.ts';
import type { Layout } from './record-layout.ts';
import type { Told } from './told-people.ts';

type Facts = readonly ReturnType<RecordFacts>[];

const NO_FACTS: Facts = [];

/**
 * A record that is to be shown when what has to be known of it has been found out. Thousands of these wait at a time, so each is one object
 * and holds no function of its own.
 */
export class NotedRecord implements FoundOut, Foreseen {
  readonly layout: Layout;
  readonly told: Told | undefined;
  standing: Standing | undefined = undefined;
  values: FoundOut['values'] = undefined;
  failed: FoundOut['failed'] = undefined;
  /** What its rules read, which ask when the record itself is not at hand. */
  private facts = NO_FACTS;

  constructor(layout: Layout, told: Told | undefined) {
    this.layout = layout;
    this.told = told;
  }

  /** Keeps what the rules read that can be asked only when it is known where the data subject stands. False: there are none. */
  keepFacts(facts: RecordFacts): boolean {
    const { rows, reads } = judgedOnStanding(this.layout.plan.view);
    if (reads.length > 0) this.facts = reads.map(facts);
    return rows.length > 0;
  }

  isLeftOut(): boolean {
    const { view } = this.layout.plan;
    const { rows, reads } = judgedOnStanding(view);
    const known: RecordFacts = (field) => this.facts[reads.indexOf(field)];
    this.failed = failedRule(rows, known, standingIn(view, this)) ?? 'none';
    return this.failed !== 'none';
  }
}

interface Judging {
  readonly rows: readonly RowRule[];
  /** Fields of the record that they read. */
  readonly reads: readonly string[];
}

const judging = new WeakMap<ObjectView, Judging>();

/** The rules that can be asked only when it is known where the data subject stands. */
function judgedOnStanding(view: ObjectView): Judging {
  const before = judging.get(view);
  if (before !== undefined) return before;
  const rows = view.rows.filter(restsOnStanding);
  // A restriction is all in the standing.
  const all = { rows, reads: [...new Set(rows.flatMap(({ requires }) => requires?.reads ?? []))] };
  judging.set(view, all);
  return all;
}

export function restsOnStanding({ requires, restricts }: RowRule): boolean {
  return requires !== undefined || restricts === true;
}

import type { Standing } from '../../model/consent.ts';
import type { ObjectView, RowRule } from '../../model/decision.ts';
import type { RecordFacts } from '../../model/record-facts.ts';
import type { Told } from '../people/told-people.ts';
import type { Layout } from '../record/record-layout.ts';
import type { Foreseen } from './counts.ts';
import { type FoundOut, failedRule, standingIn } from './found-out.ts';

type Facts = readonly ReturnType<RecordFacts>[];

const NO_FACTS: Facts = [];

/**
 * A record that waits for its look-ups before it is shown. Thousands of them wait at a time, so each is one object
 * without functions of its own.
 */
export class NotedRecord implements FoundOut, Foreseen {
  readonly layout: Layout;
  readonly told: Told | undefined;
  standing: Standing | undefined = undefined;
  values: FoundOut['values'] = undefined;
  failed: FoundOut['failed'] = undefined;
  /** The facts that its rules read, kept because the rules are asked when the record's bytes are not at hand. */
  private facts = NO_FACTS;

  constructor(layout: Layout, told: Told | undefined) {
    this.layout = layout;
    this.told = told;
  }

  /** Keeps the facts for rules that depend on the data subject's standing. False: there are no such rules. */
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
  /** Fields of the record that the rules read. */
  readonly reads: readonly string[];
}

const judging = new WeakMap<ObjectView, Judging>();

/** The rules that depend on the data subject's standing. */
function judgedOnStanding(view: ObjectView): Judging {
  const before = judging.get(view);
  if (before !== undefined) return before;
  const rows = view.rows.filter(restsOnStanding);
  // A restriction reads the standing alone.
  const all = { rows, reads: [...new Set(rows.flatMap(({ requires }) => requires?.reads ?? []))] };
  judging.set(view, all);
  return all;
}

export function restsOnStanding({ requires, restricts }: RowRule): boolean {
  return requires !== undefined || restricts === true;
}

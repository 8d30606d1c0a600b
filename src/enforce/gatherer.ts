import type { NotingHandler, RecordCursor } from '../media/record.ts';
import type { ObjectView, RowRule } from '../model/decision.ts';
import type { RecordFacts } from '../model/record-facts.ts';
import type { Foreseen } from './counts.ts';
import {
  createDisclose,
  type Disclosure,
  type FoundOut,
  failedRule,
  idOf,
  personOf,
  plannerOf,
  standingIn,
} from './disclosure.ts';
import { factsOf } from './facts.ts';
import type { FieldPlan } from './object-plan.ts';
import type { Layout } from './record-layout.ts';
import type { Revealing, WantedValue } from './reveal.ts';
import type { AskedStanding, Standings } from './standings.ts';
import type { ToldPerson } from './told-person.ts';

/** A record that is to be shown when what has to be known of it has been found out. */
export interface NotedRecord extends FoundOut {
  readonly layout: Layout;
  values: FoundOut['values'];
  failed: FoundOut['failed'];
}

/**
 * Notes whom and which tokens has to be known about for each record, and shows it when they are.
 * @param reveals tokens are led back to their values
 */
export function createGatherer(disclosure: Disclosure, reveals: boolean): NotingHandler<NotedRecord> {
  const { revealing, standings, counts, observations, writtenToll } = disclosure;
  const layoutOf = plannerOf(disclosure);
  const disclose = createDisclose(disclosure);
  return {
    special: disclosure.special,
    noteSpecial: (kind, text, depth) => {
      if (kind === 'count') counts?.saw(text, depth);
      else if (kind === 'locator') counts?.sawLocator();
    },
    note: (record) => {
      const layout = layoutOf(record);
      const { plan } = layout;
      const { view } = plan;
      const asksStanding = view.asksStanding === true;
      const isIdle = !asksStanding && !reveals && counts === undefined;
      if (isIdle && writtenToll === undefined) return notedRecord(layout);
      const facts = factsOf(record, layout);
      const person = asksStanding ? personOf(disclosure, layout, record) : undefined;
      if (person !== undefined) observations.note(view, facts, person);
      const isLeftOut = view.rows.some((rule) => !restsOnStanding(rule) && !rule.holds(facts));
      const noted =
        person === undefined || isLeftOut ? notedRecord(layout) : notedPerson(layout, person, standings);
      counts?.foresee(isLeftOut ? SURELY : foreseen(noted, facts), record.depth);
      if (isLeftOut) return noted;
      writtenToll?.note(view.object, idOf(disclosure, plan, record, facts));
      if (reveals) noted.values = wantValues(revealing, record, layout, facts);
      return noted;
    },
    decide: (record, noted) => disclose(record, noted.layout, noted),
  };
}

function notedRecord(layout: Layout): NotedRecord {
  return { layout, standing: undefined, values: undefined, failed: undefined };
}

function notedPerson(layout: Layout, who: ToldPerson, standings: Standings): NotedRecord {
  const noted: NotedRecord & AskedStanding = {
    layout,
    who,
    standing: undefined,
    values: undefined,
    failed: undefined,
  };
  standings.want(noted);
  return noted;
}

/** By the layout's places. Whatever a field may be shown as, it is one value that is wanted. */
function wantValues(
  revealing: Revealing,
  record: RecordCursor,
  { places }: Layout,
  facts: RecordFacts,
): readonly (WantedValue | undefined)[] {
  return places.map(({ index, plan }) => {
    let value: WantedValue | undefined;
    for (const field of possible(plan, facts)) value ??= revealing.want(record, index, field);
    return value;
  });
}

const SURELY = (): boolean => true;

/** Keeps the facts its rules read: the record itself is not at hand when they are asked. Undefined: no rule is left to ask. */
function foreseen(noted: NotedRecord, facts: RecordFacts): Foreseen | undefined {
  const { view } = noted.layout.plan;
  const { rows, reads } = judgedOnStanding(view);
  if (rows.length === 0) return undefined;
  const kept = reads.map(facts);
  const known: RecordFacts = (field) => kept[reads.indexOf(field)];
  return () => {
    noted.failed = failedRule(rows, known, standingIn(view, noted)) ?? 'none';
    return noted.failed !== 'none';
  };
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

function restsOnStanding({ requires, restricts }: RowRule): boolean {
  return requires !== undefined || restricts === true;
}

/** All that a field may be shown as once it is known where the data subject stands. */
function possible(field: FieldPlan, facts: RecordFacts): readonly FieldPlan[] {
  const { perRecord } = field;
  if (perRecord === undefined) return [field];
  return perRecord.asksStanding ? perRecord.possible : [perRecord.of(facts)];
}

import type { LaterDecision, NotingHandler, RecordCursor } from '../media/record.ts';
import { NOTHING_ON_RECORD } from '../model/consent.ts';
import type { ObjectView, RecordFacts, RowRule } from '../model/decision.ts';
import type { Foreseen } from './counts.ts';
import { createDisclose, createPlanner, type Disclosure, factsOf, idOf, personOf } from './disclosure.ts';
import type { FieldPlan, ObjectPlan } from './object-plan.ts';
import type { Layout } from './record-layout.ts';
import type { WantedValue } from './reveal.ts';
import type { WantedStanding } from './standings.ts';

/**
 * Notes whom and which tokens has to be known about for each record, and shows it when they are.
 * @param reveals tokens are led back to their values
 */
export function createGatherer(disclosure: Disclosure, reveals: boolean): NotingHandler {
  const { revealing, standings, counts, observations, writtenToll } = disclosure;
  const layoutOf = createPlanner(disclosure);
  const disclose = createDisclose(disclosure);

  function showLater(
    layout: Layout,
    wanted?: WantedStanding,
    values?: readonly (WantedValue | undefined)[],
  ): LaterDecision {
    return (record) => disclose(record, layout, { standing: wanted?.standing, values });
  }

  /** By the layout's places. Of what a field may be shown as, all that needs its value needs the same one. */
  function wantValues(
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
      if (isIdle && writtenToll === undefined) return showLater(layout);
      const facts = factsOf(record, layout);
      const person = asksStanding ? personOf(disclosure, plan, record, facts) : undefined;
      if (person !== undefined) observations.note(view, facts, person);
      const isLeftOut = view.rows.some((rule) => !restsOnStanding(rule) && !rule.holds(facts));
      const wanted = person === undefined || isLeftOut ? undefined : standings.want(person);
      counts?.foresee(isLeftOut ? SURELY : foreseen(plan, facts, wanted), record.depth);
      if (isLeftOut) return showLater(layout);
      writtenToll?.note(view.object, idOf(disclosure, plan, record, facts));
      return showLater(layout, wanted, reveals ? wantValues(record, layout, facts) : undefined);
    },
  };
}

const SURELY = (): boolean => true;

/** Keeps the facts its rules read: the record itself is gone when they are asked. Undefined: no rule is left to ask. */
function foreseen(
  { view }: ObjectPlan,
  facts: RecordFacts,
  wanted: WantedStanding | undefined,
): Foreseen | undefined {
  const { rows, needs } = judgedOnStanding(view);
  if (rows.length === 0) return undefined;
  const kept = needs.map(facts);
  const known: RecordFacts = (field) => kept[needs.indexOf(field)];
  return () => {
    const standing = view.person === undefined ? NOTHING_ON_RECORD : wanted?.standing;
    return rows.some((rule) => !rule.holds(known, standing));
  };
}

interface Judging {
  readonly rows: readonly RowRule[];
  readonly needs: readonly string[];
}

const judging = new WeakMap<ObjectView, Judging>();

/** The rules that can be asked only when it is known where the data subject stands. */
function judgedOnStanding(view: ObjectView): Judging {
  const before = judging.get(view);
  if (before !== undefined) return before;
  const rows = view.rows.filter(restsOnStanding);
  const all = { rows, needs: [...new Set(rows.flatMap(({ needs }) => needs))] };
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

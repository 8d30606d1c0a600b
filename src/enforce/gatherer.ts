import type { DocumentHandler } from '../media/record.ts';
import { NOTHING_ON_RECORD } from '../model/consent.ts';
import type { ObjectView, RecordFacts, RowRule } from '../model/decision.ts';
import type { Foreseen } from './counts.ts';
import { type Disclosure, factsOf, idOf, markOf, personOf, plannerOf } from './disclosure.ts';
import type { FieldPlan, ObjectPlan } from './object-plan.ts';
import type { Wanted } from './standings.ts';

/**
 * Goes ahead of the discloser through the same records, and notes whom and which tokens it will have to know about.
 * @param reveals tokens are led back to their values
 */
export function createGatherer(disclosure: Disclosure, reveals: boolean): DocumentHandler {
  const { revealing, standings, counts, observations, writtenToll } = disclosure;
  const layoutOf = plannerOf(disclosure);
  return {
    special: (kind, text, depth) => {
      if (kind === 'count') counts?.saw(text, depth);
      else if (kind === 'locator') counts?.sawLocator();
      return undefined;
    },
    record: (record) => {
      const layout = layoutOf(record);
      const { plan } = layout;
      const { view } = plan;
      const asksStanding = view.asksStanding === true;
      const isIdle = !asksStanding && !reveals && counts === undefined;
      if (isIdle && writtenToll === undefined) return true;
      const facts = factsOf(record, layout);
      const person = asksStanding ? personOf(disclosure, layout, record) : undefined;
      if (person !== undefined) observations.note(view, facts, person);
      const isLeftOut = view.rows.some((rule) => !restsOnStanding(rule) && !rule.holds(facts));
      const wanted =
        asksStanding && view.person !== undefined
          ? standings.want(markOf(view.person, record, facts), isLeftOut ? undefined : person)
          : undefined;
      counts?.foresee(isLeftOut ? SURELY : foreseen(plan, facts, wanted), record.depth);
      if (isLeftOut) return true;
      writtenToll?.note(view.object, idOf(disclosure, plan, record, facts));
      if (!reveals) return true;
      for (const place of layout.places) {
        for (const field of possible(place.plan, facts)) revealing.want(record, place.index, field);
      }
      return true;
    },
  };
}

const SURELY = (): boolean => true;

/** Keeps the facts its rules read: the record itself is gone when they are asked. Undefined: no rule is left to ask. */
function foreseen(
  { view }: ObjectPlan,
  facts: RecordFacts,
  wanted: Wanted | undefined,
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

import type { DocumentHandler } from '../media/record.ts';
import type { RecordFacts, RowRule } from '../model/decision.ts';
import type { Foreseen } from './counts.ts';
import { createPlanner, type Disclosure, factsOf, idOf, personOf, standingIn } from './disclosure.ts';
import type { FieldPlan, ObjectPlan } from './object-plan.ts';

/**
 * Goes ahead of the discloser through the same records, and notes whom and which tokens it will have to know about.
 * @param reveals tokens are led back to their values
 */
export function createGatherer(disclosure: Disclosure, reveals: boolean): DocumentHandler {
  const { revealing, standings, counts, observations, writtenToll } = disclosure;
  const layoutOf = createPlanner(disclosure);
  return {
    special: (kind, text, depth) => {
      if (kind === 'count') counts?.saw(text, depth);
      else if (kind === 'locator') counts?.sawLocator();
      return undefined;
    },
    record: (record) => {
      const layout = layoutOf(record);
      const { plan } = layout;
      const { rows, asksStanding } = plan.view;
      const isIdle = asksStanding !== true && !reveals && counts === undefined;
      if (isIdle && writtenToll === undefined) return true;
      const facts = factsOf(record, layout);
      const person = asksStanding === true ? personOf(disclosure, plan, record, facts) : undefined;
      if (person !== undefined) observations.note(plan.view, facts, person);
      counts?.foresee(
        foreseen(plan, facts, () => standingIn(standings, plan, person)),
        record.depth,
      );
      if (rows.some((rule) => !restsOnStanding(rule) && !rule.holds(facts))) return true;
      if (person !== undefined) standings.want(person);
      writtenToll?.note(plan.view.object, idOf(disclosure, plan, record, facts));
      if (!reveals) return true;
      for (const place of layout.places) {
        for (const field of possible(place.plan, facts)) revealing.want(record, place.index, field);
      }
      return true;
    },
  };
}

/** Keeps the facts its rules read: the record itself is gone when they are asked. */
function foreseen({ view }: ObjectPlan, facts: RecordFacts, standing: Foreseen['standing']): Foreseen {
  const { rows } = view;
  const kept = new Map(rows.flatMap(({ needs }) => needs.map((field) => [field, facts(field)])));
  return { rows, facts: (field) => kept.get(field), standing };
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

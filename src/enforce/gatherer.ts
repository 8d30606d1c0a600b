import type { NotingHandler, RecordCursor } from '../media/record.ts';
import type { RecordFacts } from '../model/record-facts.ts';
import type { Foreseen } from './counts.ts';
import { createDisclose, type Disclosure, idOf, personOf, plannerOf } from './disclosure.ts';
import { factsOf } from './facts.ts';
import { NotedRecord, restsOnStanding } from './noted-record.ts';
import type { FieldPlan } from './object-plan.ts';
import type { Layout } from './record-layout.ts';
import type { Revealing, WantedValue } from './reveal.ts';
import { createTold, type Tell, type Told } from './told-people.ts';

/**
 * Notes whom and which tokens has to be known about for each record, and shows it when they are.
 * @param reveals tokens are led back to their values
 */
export function createGatherer(disclosure: Disclosure, reveals: boolean): NotingHandler<NotedRecord> {
  const { revealing, standings, counts, observations, writtenToll } = disclosure;
  const layoutOf = plannerOf(disclosure);
  const toldBy = createToldBy(disclosure);
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
      if (isIdle && writtenToll === undefined) return new NotedRecord(layout, undefined);
      const facts = factsOf(record, layout);
      const told = asksStanding ? toldBy(layout, record) : undefined;
      if (told !== undefined) observations.note(view, facts, told.who);
      const isLeftOut = view.rows.some((rule) => !restsOnStanding(rule) && !rule.holds(facts));
      const noted = new NotedRecord(layout, told);
      if (counts !== undefined) {
        const foreseen = isLeftOut ? SURELY_LEFT_OUT : noted;
        counts.foresee(isLeftOut || noted.keepFacts(facts) ? foreseen : undefined, record.depth);
      }
      if (isLeftOut) return noted;
      if (told !== undefined) standings.want(told.who, noted);
      writtenToll?.note(view.object, idOf(disclosure, plan, record, facts));
      if (reveals) noted.values = wantValues(revealing, record, layout, facts);
      return noted;
    },
    decide: (record, noted) => disclose(record, noted.layout, noted),
  };
}

const SURELY_LEFT_OUT: Foreseen = { isLeftOut: () => true };

/** Who records are about. */
function createToldBy(
  disclosure: Pick<Disclosure, 'addresses' | 'naming' | 'people' | 'results'>,
): (layout: Layout, record: RecordCursor) => Told | undefined {
  const { people, results } = disclosure;
  const tell: Tell = (layout, record) => personOf(disclosure, layout, record);
  // What a row of results says is not all there is to tell it by.
  return results === undefined
    ? (layout, record) => people(layout, record, tell)
    : (layout, record) => createTold(tell(layout, record));
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

/** All that a field may be shown as once it is known where the data subject stands. */
function possible(field: FieldPlan, facts: RecordFacts): readonly FieldPlan[] {
  const { perRecord } = field;
  if (perRecord === undefined) return [field];
  return perRecord.asksStanding ? perRecord.possible : [perRecord.of(facts)];
}

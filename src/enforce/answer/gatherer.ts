import { type NotingHandler, type RecordCursor, STAYS } from '../../media/record.ts';
import type { RecordFacts } from '../../model/record-facts.ts';
import { createTold, type Tell, type Told } from '../people/told-people.ts';
import { factsOf } from '../record/facts.ts';
import type { FieldPlan, PerRecordPlan } from '../record/object-plan.ts';
import type { Layout, Place } from '../record/record-layout.ts';
import type { Foreseen } from './counts.ts';
import { createDisclose, type Disclosure, type FoundOut, idOf, personOf, plannerOf } from './disclosure.ts';
import { NotedRecord, restsOnStanding } from './noted-record.ts';
import type { Revealing, WantedValue } from './reveal.ts';
import { createShowUnshaped, isUnshaped } from './unshaped.ts';

/**
 * Notes the people and tokens that have to be looked up for each record, and shows the record when they are known.
 * @param reveals tokens are resolved to their values
 */
export function createGatherer(
  disclosure: Disclosure,
  reveals: boolean,
): NotingHandler<NotedRecord | undefined> {
  const { revealing, standings, counts, observations, tally, toll, writtenToll } = disclosure;
  const isCounted = (toll ?? writtenToll) !== undefined;
  const layoutOf = plannerOf(disclosure);
  const toldBy = createToldBy(disclosure);
  const disclose = createDisclose(disclosure);
  const showUnshaped = createShowUnshaped(disclosure);
  return {
    special: disclosure.special,
    noteSpecial: (kind, text, depth) => {
      if (kind === 'count') counts?.saw(text, depth);
      else if (kind === 'locator') counts?.sawLocator();
    },
    note: (record) => {
      if (isUnshaped(record)) return undefined;
      const layout = layoutOf(record);
      if (isCounted || !staysAsItIs(record, layout)) return noteWaiting(record, layout);
      tally.seen();
      counts?.foresee(undefined, record.depth);
      return STAYS;
    },
    decide: (record, noted) => {
      if (noted !== undefined) return disclose(record, noted.layout, noted);
      showUnshaped(record);
      return true;
    },
  };

  function noteWaiting(record: RecordCursor, layout: Layout): NotedRecord {
    const { plan } = layout;
    const { view } = plan;
    const asksStanding = view.asksStanding === true;
    const isIdle = !asksStanding && !reveals && counts === undefined;
    if (isIdle && writtenToll === undefined) return new NotedRecord(layout, undefined);
    const facts = factsOf(record, layout);
    const told = asksStanding ? toldBy(layout, record) : undefined;
    if (told !== undefined) observations.note(view, facts, told);
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
  }
}

/** A record about nobody of which nothing is hidden: all that `disclose` would do is to count it. */
function staysAsItIs(record: RecordCursor, { plan: { view }, places, clear }: Layout): boolean {
  if (places.length > 0 || view.rows.length > 0 || view.asksStanding === true) return false;
  if (view.dataSubjectId !== undefined || view.weakLogins !== undefined) return false;
  // JSON in it is looked into when it is decided on.
  return clear.every((index) => !record.mayHoldJson(index));
}

const SURELY_LEFT_OUT: Foreseen = { isLeftOut: () => true };

/** Who records are about. */
function createToldBy(
  disclosure: Pick<Disclosure, 'addresses' | 'naming' | 'people' | 'results'>,
): (layout: Layout, record: RecordCursor) => Told | undefined {
  const { people, results } = disclosure;
  const tell: Tell = (layout, record) => personOf(disclosure, layout, record);
  // A row of results does not hold everything that identifies its person.
  return results === undefined
    ? (layout, record) => people(layout, record, tell)
    : (layout, record) => createTold(tell(layout, record));
}

/** By the layout's stored places. */
function wantValues(
  revealing: Revealing,
  record: RecordCursor,
  { stored }: Layout,
  facts: RecordFacts,
): FoundOut['values'] {
  if (stored.length === 0) return undefined;
  const values: (WantedValue | undefined)[] = [];
  for (const place of stored) values.push(wantValue(revealing, record, place, facts));
  return values;
}

/** Notes the value of a field's token, once for all the ways in which the field may be shown. */
function wantValue(
  revealing: Revealing,
  record: RecordCursor,
  { index, plan }: Place,
  facts: RecordFacts,
): WantedValue | undefined {
  if (plan.perRecord === undefined) return revealing.want(record, index, plan);
  let value: WantedValue | undefined;
  for (const field of possible(plan.perRecord, facts)) value ??= revealing.want(record, index, field);
  return value;
}

/** The ways in which a field may be shown, depending on the data subject's standing. */
function possible(perRecord: PerRecordPlan, facts: RecordFacts): readonly FieldPlan[] {
  return perRecord.asksStanding ? perRecord.possible : [perRecord.of(facts)];
}

import type { DocumentHandler, RecordCursor, SpecialKind } from '../../media/record.ts';
import type { RowRule } from '../../model/decision.ts';
import type { RecordFacts } from '../../model/record-facts.ts';
import type { PseudonymsOf } from '../limits/pseudonyms.ts';
import type { ReadingToll, WrittenToll } from '../limits/reading-limits.ts';
import { createRelated } from '../people/related-records.ts';
import type { RememberTold, Told } from '../people/told-people.ts';
import { factsOf, indexOfFact, isPlain } from '../record/facts.ts';
import type { JsonTexts } from '../record/json-text.ts';
import type { ObjectPlan } from '../record/object-plan.ts';
import { type Layout, NOWHERE, type Place } from '../record/record-layout.ts';
import type { Tally } from '../record/tally.ts';
import { Refusal } from '../refusal.ts';
import type { Counts } from './counts.ts';
import { type FoundOut, failedRule, NOTHING_FOUND_OUT, standingIn } from './found-out.ts';
import type { Observations } from './observations.ts';
import { type Planning, plannerOf } from './planner.ts';
import { beyondLimit, gapReason, type Judged, omissionReason, refusedAnswer, withheld } from './reason.ts';
import { type Identifying, idOf } from './record-identity.ts';
import type { Revealing } from './reveal.ts';
import { count, showStored, treat } from './show-field.ts';
import { createShowJson, isScannedJson } from './show-json.ts';
import type { Standings } from './standings.ts';
import { createShowUnshaped, isUnshaped } from './unshaped.ts';

/** What showing one answer to one principal needs. */
export interface Disclosure extends Planning, Identifying {
  readonly tally: Tally;
  /** Looks up the values of tokens. */
  readonly revealing: Revealing;
  /** Looks up the standings of data subjects. */
  readonly standings: Standings;
  /** People of recent records. */
  readonly people: RememberTold;
  readonly observations: Observations;
  /** False in observe mode: nothing is refused, only noted. */
  readonly refuses: boolean;
  /** Present where counts would tell of records that are left out. */
  readonly counts: Counts | undefined;
  /** Counts the records that are shown, when there is a limit on them. */
  readonly toll?: ReadingToll | undefined;
  /** Counted names of records that hold their own id or URL. */
  readonly countedNames?: PseudonymsOf | undefined;
  /**
   * In place of `toll` for the answer to a write: counts before records are shown, so that those beyond the limit can
   * be withheld.
   */
  readonly writtenToll?: WrittenToll | undefined;
  /** Keyed HMACs of data subjects' ids. */
  readonly pseudonyms: PseudonymsOf;
  /** Replaces values that are no fields: locators, URLs, counts, texts of the CRM. */
  readonly special: (kind: SpecialKind, text: string, depth: number) => string | null | undefined;
  /** Rewrites texts that are JSON themselves. */
  readonly jsonTexts: JsonTexts;
  /**
   * The answer to a write: a record that may not be shown keeps its place and its id, because the write has happened.
   */
  readonly isWritten: boolean;
}

/** Shows records as the decision says, at once. */
export function createDiscloser(disclosure: Disclosure): DocumentHandler {
  const layoutOf = plannerOf(disclosure);
  const disclose = createDisclose(disclosure);
  const showUnshaped = createShowUnshaped(disclosure);
  return {
    special: disclosure.special,
    record: (record) => {
      if (!isUnshaped(record)) return disclose(record, layoutOf(record), NOTHING_FOUND_OUT);
      showUnshaped(record);
      return true;
    },
  };
}

/** Shows a record as the decision says: row rules first, then each field's treatment. @returns false: it is left out */
export type Disclose = (record: RecordCursor, layout: Layout, foundOut: FoundOut) => boolean;

export function createDisclose(disclosure: Disclosure): Disclose {
  const { tally, isWritten, toll, writtenToll, columns, idField } = disclosure;
  const showJson = createShowJson(disclosure);
  const related = columns === undefined ? undefined : createRelated(columns, disclosure.view, idField);

  return (record, layout, foundOut) => {
    const { plan, places, clear } = layout;
    tally.seen();
    const facts = factsOf(record, layout);
    const judged = { facts, standing: standingIn(plan.view, foundOut) };
    if (isLeftOut(plan, judged, foundOut)) {
      if (isWritten) for (let index = 0; index < record.size; index++) record.remove(index);
      return isWritten;
    }
    for (const place of places) {
      if (place.isAdded) record.remove(place.index);
      else show(record, place, judged, foundOut);
    }
    for (const index of clear) if (record.mayHoldJson(index)) showJson(record, index);
    const { asksStanding, weakLogins } = plan.view;
    if (asksStanding === true || weakLogins !== undefined) noteUnmet(tally, plan, judged);
    nameDataSubject(disclosure, record, layout, foundOut.told);
    if (toll !== undefined) noteRead(toll, plan, record, facts);
    return true;
  };

  function noteRead(toll: ReadingToll, plan: ObjectPlan, record: RecordCursor, facts: RecordFacts): void {
    const { object } = plan.view;
    const names = disclosure.countedNames?.(object, disclosure.addresses);
    const name = names === undefined ? undefined : record.memoizedId(names.bySelf);
    if (name === undefined || name === '') toll.note(object, idOf(disclosure, plan, record, facts));
    else toll.noteNamed(object, name);
    related?.(record, toll.note);
  }

  function isLeftOut(plan: ObjectPlan, judged: Judged, foundOut: FoundOut): boolean {
    const failed = foundOut.failed ?? failedRule(plan.view.rows, judged.facts, judged.standing) ?? 'none';
    if (failed !== 'none') {
      leaveOut(disclosure, plan, failed, judged);
      return true;
    }
    const spentBy = writtenToll?.spentBy();
    if (spentBy !== undefined) tally.omitted(beyondLimit(plan.view.object, spentBy));
    return spentBy !== undefined;
  }

  function show(
    record: RecordCursor,
    place: Place,
    { facts, standing }: Judged,
    { values }: Pick<FoundOut, 'values'>,
  ): void {
    const { plan } = place;
    const field = plan.perRecord === undefined ? plan : plan.perRecord.of(facts, standing);
    // Only the relationship's name is unclassified: the records in it have been decided on.
    if (!field.classified && record.kind(place.index) === 'records') return;
    if (field.stored !== undefined)
      showStored(record, place, field, field.stored, values?.[place.storedAt]?.found, tally);
    else if (field.transform === undefined) {
      if (!field.classified) count(place, field.key, tally.unclassified);
      if (record.mayHoldJson(place.index)) showJson(record, place.index);
    } else if (isScannedJson(record, place.index, field.transform)) {
      count(place, field.key, tally.treated);
      showJson(record, place.index, field.transform);
    } else treat(record, place, field, field.transform, tally);
  }
}

function leaveOut({ tally, refuses }: Disclosure, { view }: ObjectPlan, rule: RowRule, judged: Judged): void {
  const { object } = view;
  tally.omitted({
    object,
    policy: rule.policy,
    reason: omissionReason(rule, judged),
    denial: withheld(rule),
  });
  if (rule.requires?.otherwise === 'deny' && refuses) {
    throw new Refusal(refusedAnswer(rule.requires));
  }
}

function noteUnmet(tally: Tally, { view }: ObjectPlan, { facts, standing }: Judged): void {
  const { object, weakLogins = [] } = view;
  for (const { policy, reason } of weakLogins) tally.unmet({ object, policy, reason });
  if (view.asksStanding !== true) return;
  for (const requirement of view.requirements ?? []) {
    if (requirement.otherwise !== 'treat') continue;
    const gap = requirement.unmet(facts, standing);
    if (gap === undefined) continue;
    tally.unmet({
      object,
      policy: requirement.policy,
      reason: gapReason(requirement, gap),
    });
  }
}

function nameDataSubject(
  disclosure: Disclosure,
  record: RecordCursor,
  layout: Layout,
  told: Told | undefined,
): void {
  const { dataSubjectId, person } = layout.plan.view;
  if (dataSubjectId === undefined || !disclosure.tally.namesDataSubjects()) return;
  const index = indexOfFact(record, layout, dataSubjectId);
  const isSame = dataSubjectId === person?.id;
  const pseudonym = (isSame ? told?.pseudonym : undefined) ?? pseudonymOf(disclosure, record, layout, index);
  if (told !== undefined && isSame) told.pseudonym = pseudonym;
  if (pseudonym !== undefined && pseudonym !== '') disclosure.tally.dataSubject(pseudonym);
}

function pseudonymOf(
  { pseudonyms, addresses }: Disclosure,
  record: RecordCursor,
  { plan }: Layout,
  index: number,
): string | undefined {
  const { byId, bySelf } = pseudonyms(plan.view.object, addresses);
  const isSaid = index !== NOWHERE && isPlain(record, index);
  return isSaid ? record.memoized(index, byId) : record.memoizedId(bySelf);
}

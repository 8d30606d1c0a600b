import type { CrmAdapter } from '../../crm/adapter.ts';
import type { NameTable } from '../../media/name-table.ts';
import type { DocumentHandler, RecordCursor, SpecialKind } from '../../media/record.ts';
import { NOTHING_ON_RECORD, type Standing } from '../../model/consent.ts';
import type { ObjectView, RowRule, View } from '../../model/decision.ts';
import type { UploadResults } from '../../model/operation.ts';
import type { RecordFacts } from '../../model/record-facts.ts';
import type { PseudonymsOf } from '../limits/pseudonyms.ts';
import type { ReadingToll, WrittenToll } from '../limits/reading-limits.ts';
import type { Naming } from '../people/person.ts';
import { createRelated } from '../people/related-records.ts';
import type { RememberTold, Told } from '../people/told-people.ts';
import { isAboutPeople, type ToldPerson, toldPerson } from '../people/told-person.ts';
import { type Columns, planColumns } from '../record/columns.ts';
import { factsOf, indexOfFact, isPlain, textIn } from '../record/facts.ts';
import type { JsonTexts } from '../record/json-text.ts';
import type { ObjectPlan } from '../record/object-plan.ts';
import { createLayouts, type Layout, NOWHERE, type Place } from '../record/record-layout.ts';
import type { Tally } from '../record/tally.ts';
import { Refusal } from '../refusal.ts';
import type { Counts } from './counts.ts';
import type { Observations } from './observations.ts';
import { beyondLimit, gapReason, type Judged, omissionReason, refusedAnswer, withheld } from './reason.ts';
import type { Revealing, WantedValue } from './reveal.ts';
import { count, showStored, treat } from './show-field.ts';
import { createShowJson, isScannedJson } from './show-json.ts';
import type { Standings } from './standings.ts';
import { createShowUnshaped, isUnshaped } from './unshaped.ts';

/** What showing one answer to one principal needs. */
export interface Disclosure {
  readonly view: View;
  readonly plans: (view: ObjectView) => ObjectPlan;
  readonly tally: Tally;
  /** Looks up the values of tokens. */
  readonly revealing: Revealing;
  /** Looks up the standings of data subjects. */
  readonly standings: Standings;
  readonly naming: Naming;
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
  /** Field that tells rows apart which hold no other id. */
  readonly idField?: string | undefined;
  /** Fields that were added to the query, to be taken out again. */
  readonly added: ReadonlyMap<string, readonly string[]>;
  /** Keyed HMACs of data subjects' ids. */
  readonly pseudonyms: PseudonymsOf;
  /** Replaces values that are no fields: locators, URLs, counts, texts of the CRM. */
  readonly special: (kind: SpecialKind, text: string, depth: number) => string | null | undefined;
  /** Rewrites texts that are JSON themselves. */
  readonly jsonTexts: JsonTexts;
  readonly columns?: Columns | undefined;
  /** Present when the rows are the results of an upload, which repeat its columns and no others. */
  readonly results?: Pick<UploadResults, 'idColumn'> | undefined;
  readonly addresses?: CrmAdapter['addresses'] | undefined;
  /**
   * The answer to a write: a record that may not be shown keeps its place and its id, because the write has happened.
   */
  readonly isWritten: boolean;
  /** Field names compare without case. */
  readonly namesIgnoreCase: boolean;
  /** The rewriter's numbers for names. */
  readonly names: NameTable;
}

type Planner = (record: RecordCursor) => Layout;

/** Planners by plans, view and added fields. */
const planners = new WeakMap<Disclosure['plans'], WeakMap<View, WeakMap<Disclosure['added'], Planner>>>();

/**
 * Plans what is done to a record and its fields. Kept as long as the view, which belongs to a class of principals, so
 * that layouts of records are worked out once and not for every answer: a tenth of the work for a small one. Not kept
 * where there are columns, which belong to one answer.
 */
export function plannerOf(disclosure: Disclosure): Planner {
  if (disclosure.columns !== undefined) return createPlanner(disclosure);
  const { plans, view, added } = disclosure;
  const byView = planners.get(plans) ?? new WeakMap<View, WeakMap<Disclosure['added'], Planner>>();
  const byAdded = byView.get(view) ?? new WeakMap<Disclosure['added'], Planner>();
  const planner = byAdded.get(added) ?? createPlanner(disclosure);
  planners.set(plans, byView.set(view, byAdded.set(added, planner)));
  return planner;
}

/** Must not keep anything that belongs to one answer. */
function createPlanner(
  disclosure: Pick<
    Disclosure,
    'view' | 'plans' | 'columns' | 'namesIgnoreCase' | 'addresses' | 'added' | 'names'
  >,
): Planner {
  const { view, plans, columns, namesIgnoreCase, addresses } = disclosure;
  const fold = (name: string): string => (namesIgnoreCase ? name.toLowerCase() : name);
  const addedTo = new Map(
    Array.from(disclosure.added, ([object, fields]) => [fold(object), new Set(fields.map(fold))]),
  );
  const planOfColumn = columns === undefined ? undefined : planColumns({ ...disclosure, columns });
  const layoutOf = createLayouts({
    planOf: (object) => plans(view.of(object)),
    fieldOf: (plan, record, index) =>
      planOfColumn === undefined
        ? plan.field(record.nameId(index), record.name(index))
        : planOfColumn(plan, record, index),
    isAdded: (plan, name) => addedTo.get(fold(plan.view.object))?.has(fold(name)) === true,
    ignoreCase: namesIgnoreCase,
  });

  function objectOf(record: RecordCursor): string {
    const { object } = record;
    if (object === undefined || addresses?.standIns.has(object) !== true) return object ?? '*';
    const address = record.id;
    return (address === undefined ? undefined : addresses.read(address)?.object) ?? '*';
  }

  // A record of unknown object gets the least revealing view.
  return (record) => layoutOf(objectOf(record), record);
}

/** The keys of the person a record is about; undefined: they cannot be told. */
export function personOf(
  disclosure: Pick<Disclosure, 'addresses' | 'naming' | 'results'>,
  layout: Layout,
  record: RecordCursor,
): ToldPerson | undefined {
  const { naming, results } = disclosure;
  const { view } = layout.plan;
  const texts: RecordFacts = (field) => textIn(record, layout, field);
  if (results === undefined) return toldPerson(view, texts, () => ownId(disclosure, record), naming);
  const become = (field: string) => (naming.isOwnId(field) ? texts(results.idColumn) : null);
  return toldPerson(
    view,
    (field) => texts(field) ?? become(field),
    () => texts(results.idColumn) ?? undefined,
    naming,
  );
}

/** A record's own id, when it is not in a field. */
function ownId({ addresses }: Pick<Disclosure, 'addresses'>, { id }: RecordCursor): string | undefined {
  return addresses === undefined || id === undefined ? id : addresses.read(id)?.id;
}

/** What was looked up about a record before it is shown. */
export interface FoundOut {
  /** Undefined: not looked up, or the person cannot be told. */
  readonly told: Told | undefined;
  /** Undefined: not looked up, or the person cannot be told. */
  readonly standing: Standing | undefined;
  /** The values of the tokens in the layout's stored places, one by one; undefined: not looked up. */
  readonly values: readonly (WantedValue | undefined)[] | undefined;
  /** The rule that leaves it out, or `none`; undefined: the rules were not asked yet. */
  readonly failed: RowRule | 'none' | undefined;
}

const NOTHING_FOUND_OUT: FoundOut = {
  told: undefined,
  standing: undefined,
  values: undefined,
  failed: undefined,
};

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
    if (asksStanding === true || weakLogins !== undefined) noteUnmet(plan, judged);
    nameDataSubject(record, layout, foundOut.told);
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
      leaveOut(plan, failed, judged);
      return true;
    }
    const spentBy = writtenToll?.spentBy();
    if (spentBy !== undefined) tally.omitted(beyondLimit(plan.view.object, spentBy));
    return spentBy !== undefined;
  }

  function leaveOut({ view }: ObjectPlan, rule: RowRule, judged: Judged): void {
    const { object } = view;
    tally.omitted({
      object,
      policy: rule.policy,
      reason: omissionReason(rule, judged),
      denial: withheld(rule),
    });
    if (rule.requires?.otherwise === 'deny' && disclosure.refuses) {
      throw new Refusal(refusedAnswer(rule.requires));
    }
  }

  function noteUnmet({ view }: ObjectPlan, { facts, standing }: Judged): void {
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

  function nameDataSubject(record: RecordCursor, layout: Layout, told: Told | undefined): void {
    const { dataSubjectId, person } = layout.plan.view;
    if (dataSubjectId === undefined) return;
    const index = indexOfFact(record, layout, dataSubjectId);
    if (!tally.namesDataSubjects()) return;
    const isSame = dataSubjectId === person?.id;
    const pseudonym = (isSame ? told?.pseudonym : undefined) ?? pseudonymOf(record, layout, index);
    if (told !== undefined && isSame) told.pseudonym = pseudonym;
    if (pseudonym !== undefined && pseudonym !== '') tally.dataSubject(pseudonym);
  }

  function pseudonymOf(record: RecordCursor, { plan }: Layout, index: number): string | undefined {
    const { byId, bySelf } = disclosure.pseudonyms(plan.view.object, disclosure.addresses);
    const isSaid = index !== NOWHERE && isPlain(record, index);
    return isSaid ? record.memoized(index, byId) : record.memoizedId(bySelf);
  }
}

/** Undefined when the record cannot be told from others. */
export function idOf(
  disclosure: Disclosure,
  { view }: ObjectPlan,
  record: RecordCursor,
  facts: RecordFacts,
): string | undefined {
  const own = ownId(disclosure, record);
  // The person's id tells people apart: one may have many cases.
  const field = disclosure.idField ?? view.dataSubjectId;
  return own ?? (field === undefined ? undefined : (facts(field) ?? undefined));
}

/** The standing of a record's person. Where no standing is asked, nothing counts as on record. */
export function standingIn(view: ObjectView, { standing }: Pick<FoundOut, 'standing'>): Standing | undefined {
  if (view.asksStanding !== true) return undefined;
  return isAboutPeople(view) ? standing : NOTHING_ON_RECORD;
}

export function failedRule(
  rows: readonly RowRule[],
  facts: RecordFacts,
  standing: Standing | undefined,
): RowRule | undefined {
  for (const rule of rows) if (!rule.holds(facts, standing)) return rule;
  return undefined;
}

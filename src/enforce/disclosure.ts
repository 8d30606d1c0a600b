import type { CrmAdapter } from '../crm/adapter.ts';
import type { NameTable } from '../media/name-table.ts';
import type { DocumentHandler, RecordCursor, SpecialKind } from '../media/record.ts';
import { MediaError } from '../media/rewriter.ts';
import { NOTHING_ON_RECORD, type Standing } from '../model/consent.ts';
import type { DataSubjectKeys } from '../model/data-subject.ts';
import type { ObjectView, RecordFacts, RowRule, View } from '../model/decision.ts';
import type { Transform } from '../transform/transform.ts';
import type { Detokenized } from '../vault/detokenize.ts';
import { looksLikeToken } from '../vault/token.ts';
import { type Columns, planColumns } from './columns.ts';
import type { Counts, Foreseen } from './counts.ts';
import type { FieldPlan, ObjectPlan, StoredPlan } from './object-plan.ts';
import { keysOf, type Naming } from './person.ts';
import { gapReason, type Judged, omissionReason, refusedAnswer, withheld } from './reason.ts';
import { Refusal } from './refusal.ts';
import type { Revealing } from './reveal.ts';
import type { Standings } from './standings.ts';
import type { Tally } from './tally.ts';

/** What showing one answer to one principal needs. */
export interface Disclosure {
  readonly view: View;
  readonly plans: (view: ObjectView) => ObjectPlan;
  readonly tally: Tally;
  /** Values of the tokens in the records that close next. */
  readonly revealing: Revealing;
  /** Where the data subjects of the records that close next stand. */
  readonly standings: Standings;
  readonly naming: Naming;
  /** False in observe mode: nothing is refused, only noted. */
  readonly refuses: boolean;
  /** Fields the query was extended by, taken out again. */
  readonly added: ReadonlyMap<string, readonly string[]>;
  /** Keyed HMAC of a data subject's id. */
  readonly pseudonym: (object: string, id: string) => string;
  /** Replaces values that are not fields: locators, URLs, counts, texts of the CRM. */
  readonly special: (kind: SpecialKind, text: string, depth: number) => string | null | undefined;
  /** Where counts would tell of records that are left out. */
  readonly counts: Counts | undefined;
  readonly columns?: Columns;
  readonly addresses?: CrmAdapter['addresses'];
  /** The answer of a write: a record that may not be shown keeps its place and its id, because the write has happened. */
  readonly isWritten: boolean;
  /** Field names compare without case. */
  readonly namesIgnoreCase: boolean;
  /** The rewriter's numbers for names. */
  readonly names: NameTable;
}

/** Which plan a record and its fields have. One for each walk through the answer. */
interface Planner {
  readonly fold: (name: string) => string;
  readonly planOf: (record: RecordCursor) => ObjectPlan;
  readonly plannedFor: (plan: ObjectPlan, record: RecordCursor, index: number) => FieldPlan;
  /** How the person is known whom a record is about; undefined: it cannot be told. */
  readonly personOf: (
    plan: ObjectPlan,
    record: RecordCursor,
    facts: RecordFacts,
  ) => DataSubjectKeys | undefined;
}

function createPlanner(disclosure: Disclosure): Planner {
  const { view, plans, columns, namesIgnoreCase, addresses, naming } = disclosure;
  const planOfColumn = columns === undefined ? undefined : planColumns({ ...disclosure, columns });
  // Records of one type follow one another: the last plan is nearly always the right one.
  let lastObject: string | undefined;
  let lastPlan: ObjectPlan | undefined;

  function objectOf(record: RecordCursor): string {
    const { object } = record;
    if (object === undefined || addresses?.standIns.has(object) !== true) return object ?? '*';
    const address = record.id;
    return (address === undefined ? undefined : addresses.read(address)?.object) ?? '*';
  }

  return {
    fold: (name) => (namesIgnoreCase ? name.toLowerCase() : name),
    planOf: (record) => {
      // A record that does not say what it is gets the least revealing view there is.
      const object = objectOf(record);
      if (object !== lastObject || lastPlan === undefined) {
        lastObject = object;
        lastPlan = plans(view.of(object));
      }
      return lastPlan;
    },
    plannedFor: (plan, record, index) =>
      planOfColumn === undefined
        ? plan.field(record.nameId(index), record.name(index))
        : planOfColumn(plan, record, index),
    personOf: (plan, record, facts) => keysOf(plan.view, facts, idOf(record, addresses), naming),
  };
}

/** The record's own id, where it is not a field. */
function idOf({ id }: RecordCursor, addresses: Disclosure['addresses']): string | undefined {
  return addresses === undefined || id === undefined ? id : addresses.read(id)?.id;
}

/** Goes ahead of the discloser through the same records, and notes whom and which tokens it will have to know about. */
export function createGatherer(disclosure: Disclosure): DocumentHandler {
  const { revealing, standings, namesIgnoreCase, counts } = disclosure;
  const { planOf, plannedFor, personOf } = createPlanner(disclosure);
  const reveals = disclosure.view.reveals === true;
  return {
    special: (kind, text, depth) => {
      if (kind === 'count') counts?.saw(text, depth);
      else if (kind === 'locator') counts?.sawLocator();
      return undefined;
    },
    record: (record) => {
      const plan = planOf(record);
      const { rows, asksStanding } = plan.view;
      if (asksStanding !== true && !reveals && counts === undefined) return true;
      const facts = factsOf(record, plan, namesIgnoreCase);
      const person = asksStanding === true ? personOf(plan, record, facts) : undefined;
      counts?.foresee(
        foreseen(plan, facts, () => standingIn(standings, plan, person)),
        record.depth,
      );
      if (rows.some((rule) => !restsOnStanding(rule) && !rule.holds(facts))) return true;
      if (person !== undefined) standings.want(person);
      for (let index = 0; reveals && index < record.size; index++) {
        for (const field of possible(plannedFor(plan, record, index), facts)) {
          revealing.want(record, index, field);
        }
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

/** Undefined: it cannot be told who the record is about. */
function standingIn(
  standings: Standings,
  { view }: ObjectPlan,
  person: DataSubjectKeys | undefined,
): Standing | undefined {
  if (view.person === undefined) return NOTHING_ON_RECORD;
  return person && standings.of(person);
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

/** Shows records as the decision says: row rules first, then each field's treatment. */
export function createDiscloser(disclosure: Disclosure): DocumentHandler {
  const { tally, isWritten, addresses, namesIgnoreCase, revealing, standings } = disclosure;
  const { fold, planOf, plannedFor, personOf } = createPlanner(disclosure);
  const addedTo = new Map(
    Array.from(disclosure.added, ([object, fields]) => [fold(object), new Set(fields.map(fold))]),
  );

  return {
    special: disclosure.special,
    record: (record) => {
      const plan = planOf(record);
      tally.seen();
      const facts = factsOf(record, plan, namesIgnoreCase);
      const { asksStanding } = plan.view;
      const standing =
        asksStanding === true ? standingIn(standings, plan, personOf(plan, record, facts)) : undefined;
      const failed = failedRule(plan.view, facts, standing);
      if (failed !== undefined) {
        leaveOut(plan, failed, { facts, standing });
        if (isWritten) for (let index = 0; index < record.size; index++) record.remove(index);
        return isWritten;
      }
      const added = addedTo.size === 0 ? undefined : addedTo.get(fold(plan.view.object));
      for (let index = 0; index < record.size; index++) {
        if (added?.has(fold(record.name(index))) === true) record.remove(index);
        else show(record, index, plan, facts, standing);
      }
      if (asksStanding === true) noteUnmet(plan, { facts, standing });
      nameDataSubject(record, plan, facts);
      return true;
    },
  };

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
    for (const requirement of view.requirements ?? []) {
      if (requirement.otherwise !== 'treat') continue;
      const gap = requirement.unmet(facts, standing);
      if (gap === undefined) continue;
      tally.unmet({
        object: view.object,
        policy: requirement.policy,
        reason: gapReason(requirement, gap),
      });
    }
  }

  function show(
    record: RecordCursor,
    index: number,
    plan: ObjectPlan,
    facts: RecordFacts,
    standing: Standing | undefined,
  ): void {
    const planned = plannedFor(plan, record, index);
    const field = planned.perRecord === undefined ? planned : planned.perRecord.of(facts, standing);
    // All that is unknown here is the name of a relationship: the records it leads to have been decided on.
    if (!field.classified && record.kind(index) === 'records') return;
    if (field.stored !== undefined) showStored(record, index, field, field.stored, { revealing, tally });
    else if (field.transform !== undefined) treat(record, index, field, field.transform, tally);
    else if (!field.classified) tally.unclassified(field.key);
  }

  function nameDataSubject(record: RecordCursor, plan: ObjectPlan, facts: RecordFacts): void {
    const idField = plan.view.dataSubjectId;
    if (idField === undefined) return;
    const id = facts(idField) ?? idOf(record, addresses);
    if (id !== undefined && id !== '') tally.dataSubject(disclosure.pseudonym(plan.view.object, id));
  }
}

function failedRule(
  { rows }: ObjectView,
  facts: RecordFacts,
  standing: Standing | undefined,
): RowRule | undefined {
  for (const rule of rows) if (!rule.holds(facts, standing)) return rule;
  return undefined;
}

/** Shows a field of which the CRM keeps tokens: what is treated is the value. */
function showStored(
  record: RecordCursor,
  index: number,
  plan: FieldPlan,
  stored: StoredPlan,
  { revealing, tally }: Pick<Disclosure, 'revealing' | 'tally'>,
): void {
  const { transform } = plan;
  const found = foundFor(record, index, stored, revealing);
  if (found === undefined || transform?.structure === 'remove' || transform?.structure === 'null') {
    if (transform !== undefined) treat(record, index, plan, transform, tally);
    return;
  }
  const text = record.text(index);
  if ('failed' in found && found.failed === 'unknown' && !looksLikeToken(text)) {
    tally.treated(stored.unstored);
    if (transform !== undefined) treat(record, index, plan, transform, tally);
  } else if ('failed' in found || transform?.treatment.kind === 'token') {
    // A token is shown as it is, also one that leads nowhere any more: it says nothing.
    if (transform !== undefined) tally.treated(plan.key);
  } else {
    tally.treated(stored.detokenized);
    showValue(record, index, found.value, transform);
    if (transform !== undefined) tally.treated(plan.key);
  }
}

function foundFor(
  record: RecordCursor,
  index: number,
  stored: StoredPlan,
  revealing: Revealing,
): Detokenized | undefined {
  const kind = record.kind(index);
  return kind === 'string' || kind === 'number' ? revealing.of(stored.as, record.text(index)) : undefined;
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

function showValue(
  record: RecordCursor,
  index: number,
  value: string,
  transform: Transform | undefined,
): void {
  const isNumber = record.kind(index) === 'number' && NUMBER.test(value);
  const shown =
    transform === undefined ? value : isNumber ? transform.number(value) : transform.string(value);
  if (shown === null) record.setLiteral(index, 'null');
  else if (isNumber) record.setLiteral(index, shown);
  else record.setString(index, shown);
}

function treat(
  record: RecordCursor,
  index: number,
  plan: FieldPlan,
  transform: Transform,
  tally: Tally,
): void {
  const kind = record.kind(index);
  // Null says no more than that nothing is known: it stays what it is, unless even the field's presence is hidden.
  if (kind === 'null' && transform.structure !== 'remove') return;
  tally.treated(plan.key);
  if (transform.structure === 'remove') {
    record.remove(index);
    return;
  }
  if (transform.structure === 'null' || kind === 'container' || kind === 'records' || kind === 'boolean') {
    record.setLiteral(index, 'null');
    return;
  }
  const text = record.text(index);
  if (kind === 'number') {
    record.setLiteral(index, transform.number(text) ?? 'null');
    return;
  }
  const shown = transform.string(text);
  if (shown === null) record.setLiteral(index, 'null');
  else if (shown !== text) record.setString(index, shown);
}

/**
 * The facts of a record. A fact a decision rests on must be said once: of two, the CRM's parser and the client's may
 * pick different ones.
 * @throws MediaError ambiguous
 */
function factsOf(record: RecordCursor, { view }: ObjectPlan, ignoreCase: boolean): RecordFacts {
  return (field) => {
    // A condition is about values, and there stands a token.
    if (view.stored?.(field) !== undefined) return undefined;
    let found = -1;
    for (let index = 0; index < record.size; index++) {
      if (!isNamed(record.name(index), field, ignoreCase)) continue;
      if (found >= 0) throw new MediaError('ambiguous', 'a field that a decision rests on stands twice', 0);
      found = index;
    }
    if (found < 0) return undefined;
    const kind = record.kind(found);
    if (kind === 'null') return null;
    return kind === 'container' || kind === 'records' ? undefined : record.text(found);
  };
}

function isNamed(name: string, field: string, ignoreCase: boolean): boolean {
  if (name === field) return true;
  return ignoreCase && name.length === field.length && name.toLowerCase() === field.toLowerCase();
}

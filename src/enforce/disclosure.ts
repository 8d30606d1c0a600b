import type { CrmAdapter } from '../crm/adapter.ts';
import type { NameTable } from '../media/name-table.ts';
import type { DocumentHandler, RecordCursor, SpecialKind } from '../media/record.ts';
import { MediaError } from '../media/rewriter.ts';
import type { ObjectView, RecordFacts, RowRule, View } from '../model/decision.ts';
import type { Transform } from '../transform/transform.ts';
import type { Detokenized } from '../vault/detokenize.ts';
import { looksLikeToken } from '../vault/token.ts';
import { type Columns, planColumns } from './columns.ts';
import type { FieldPlan, ObjectPlan, StoredPlan } from './object-plan.ts';
import type { ReadingToll, WrittenToll } from './reading-limits.ts';
import type { Revealing } from './reveal.ts';
import type { Tally } from './tally.ts';

/** What showing one answer to one principal needs. */
export interface Disclosure {
  readonly view: View;
  readonly plans: (view: ObjectView) => ObjectPlan;
  readonly tally: Tally;
  /** Values of the tokens in the records that close next. */
  readonly revealing: Revealing;
  /** Counts the records that are shown, where there is a limit on them. */
  readonly toll?: ReadingToll;
  /** In its place for the answer of a write: counts ahead, so that what may not be shown can be withheld. */
  readonly writtenToll?: WrittenToll;
  /** Field by which rows that say nothing else are told apart. */
  readonly idField?: string;
  /** Fields the query was extended by, taken out again. */
  readonly added: ReadonlyMap<string, readonly string[]>;
  /** Keyed HMAC of a data subject's id. */
  readonly pseudonym: (object: string, id: string) => string;
  /** Replaces values that are not fields: locators, URLs, counts, texts of the CRM. */
  readonly special: (kind: SpecialKind, text: string) => string | null | undefined;
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
  readonly fieldOf: (plan: ObjectPlan, record: RecordCursor, index: number, facts: RecordFacts) => FieldPlan;
}

function createPlanner(disclosure: Disclosure): Planner {
  const { view, plans, columns, namesIgnoreCase, addresses } = disclosure;
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
    fieldOf: (plan, record, index, facts) => {
      const planned =
        planOfColumn === undefined
          ? plan.field(record.nameId(index), record.name(index))
          : planOfColumn(plan, record, index);
      return planned.perRecord === undefined ? planned : planned.perRecord.of(facts);
    },
  };
}

/** Goes ahead of the discloser through the same records, and notes which tokens it will need the values of. */
export function createGatherer(disclosure: Disclosure): DocumentHandler {
  const { planOf, fieldOf } = createPlanner(disclosure);
  return {
    special: () => undefined,
    record: (record) => {
      const plan = planOf(record);
      const facts = factsOf(record, plan, disclosure.namesIgnoreCase);
      if (failedRule(plan.view, facts) !== undefined) return true;
      disclosure.writtenToll?.note(plan.view.object, idOf(disclosure, plan, record, facts));
      for (let index = 0; index < record.size; index++) {
        disclosure.revealing.want(record, index, fieldOf(plan, record, index, facts));
      }
      return true;
    },
  };
}

/** Shows records as the decision says: row rules first, then each field's treatment. */
export function createDiscloser(disclosure: Disclosure): DocumentHandler {
  const { tally, isWritten, namesIgnoreCase, revealing, toll, writtenToll } = disclosure;
  const { fold, planOf, fieldOf } = createPlanner(disclosure);
  const addedTo = new Map(
    Array.from(disclosure.added, ([object, fields]) => [fold(object), new Set(fields.map(fold))]),
  );

  return {
    special: disclosure.special,
    record: (record) => {
      const plan = planOf(record);
      tally.seen();
      const facts = factsOf(record, plan, namesIgnoreCase);
      const withheldBy = failedRule(plan.view, facts)?.policy ?? writtenToll?.spentBy();
      if (withheldBy !== undefined) {
        tally.omitted(withheldBy);
        if (isWritten) for (let index = 0; index < record.size; index++) record.remove(index);
        return isWritten;
      }
      const added = addedTo.size === 0 ? undefined : addedTo.get(fold(plan.view.object));
      for (let index = 0; index < record.size; index++) {
        if (added?.has(fold(record.name(index))) === true) record.remove(index);
        else show(record, index, plan, facts);
      }
      nameDataSubject(record, plan, facts);
      toll?.note(plan.view.object, idOf(disclosure, plan, record, facts));
      return true;
    },
  };

  function show(record: RecordCursor, index: number, plan: ObjectPlan, facts: RecordFacts): void {
    const field = fieldOf(plan, record, index, facts);
    // All that is unknown here is the name of a relationship: the records it leads to have been decided on.
    if (!field.classified && record.kind(index) === 'records') return;
    if (field.stored !== undefined) showStored(record, index, field, field.stored, { revealing, tally });
    else if (field.transform !== undefined) treat(record, index, field, field.transform, tally);
    else if (!field.classified) tally.unclassified(field.key);
  }

  function nameDataSubject(record: RecordCursor, plan: ObjectPlan, facts: RecordFacts): void {
    const idField = plan.view.dataSubjectId;
    if (idField === undefined) return;
    const id = facts(idField) ?? ownId(disclosure, record);
    if (id !== undefined && id !== '') tally.dataSubject(disclosure.pseudonym(plan.view.object, id));
  }
}

/** What the record itself says its id is, outside of its fields. */
function ownId({ addresses }: Disclosure, { id }: RecordCursor): string | undefined {
  return addresses === undefined || id === undefined ? id : addresses.read(id)?.id;
}

/** Undefined where the record cannot be told from others. */
function idOf(
  disclosure: Disclosure,
  { view }: ObjectPlan,
  record: RecordCursor,
  facts: RecordFacts,
): string | undefined {
  const own = ownId(disclosure, record);
  const field = view.dataSubjectId ?? disclosure.idField;
  return own ?? (field === undefined ? undefined : (facts(field) ?? undefined));
}

function failedRule({ rows }: ObjectView, facts: RecordFacts): RowRule | undefined {
  for (const rule of rows) if (!rule.holds(facts)) return rule;
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

import type { CrmAdapter } from '../crm/adapter.ts';
import type { NameTable } from '../media/name-table.ts';
import type { DocumentHandler, RecordCursor, SpecialKind } from '../media/record.ts';
import { MediaError } from '../media/rewriter.ts';
import type { ObjectView, RecordFacts, RowRule, View } from '../model/decision.ts';
import type { Transform } from '../transform/transform.ts';
import { type Columns, planColumns } from './columns.ts';
import type { FieldPlan, ObjectPlan } from './object-plan.ts';
import type { Tally } from './tally.ts';

/** What showing one answer to one principal needs. */
export interface Disclosure {
  readonly view: View;
  readonly plans: (view: ObjectView) => ObjectPlan;
  readonly tally: Tally;
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

/** Shows records as the decision says: row rules first, then each field's treatment. */
export function createDiscloser(disclosure: Disclosure): DocumentHandler {
  const { view, plans, tally, columns, namesIgnoreCase, isWritten, addresses } = disclosure;
  const fold = (name: string): string => (namesIgnoreCase ? name.toLowerCase() : name);
  const addedTo = new Map(
    Array.from(disclosure.added, ([object, fields]) => [fold(object), new Set(fields.map(fold))]),
  );
  const planOfColumn = columns === undefined ? undefined : planColumns({ ...disclosure, columns });
  // Records of one type follow one another: the last plan is nearly always the right one.
  let lastObject: string | undefined;
  let lastPlan: ObjectPlan | undefined;

  function planOf(object: string): ObjectPlan {
    if (object !== lastObject || lastPlan === undefined) {
      lastObject = object;
      lastPlan = plans(view.of(object));
    }
    return lastPlan;
  }

  function objectOf(record: RecordCursor): string {
    const { object } = record;
    if (object === undefined || addresses?.standIns.has(object) !== true) return object ?? '*';
    const address = record.id;
    return (address === undefined ? undefined : addresses.read(address)?.object) ?? '*';
  }

  return {
    special: disclosure.special,
    record: (record) => {
      // A record that does not say what it is gets the least revealing view there is.
      const plan = planOf(objectOf(record));
      tally.seen();
      const facts = factsOf(record, namesIgnoreCase);
      const failed = failedRule(plan.view, facts);
      if (failed !== undefined) {
        tally.omitted(failed.policy);
        if (isWritten) for (let index = 0; index < record.size; index++) record.remove(index);
        return isWritten;
      }
      const added = addedTo.size === 0 ? undefined : addedTo.get(fold(plan.view.object));
      for (let index = 0; index < record.size; index++) {
        if (added?.has(fold(record.name(index))) === true) record.remove(index);
        else show(record, index, plan, facts);
      }
      nameDataSubject(record, plan, facts);
      return true;
    },
  };

  function idOf({ id }: RecordCursor): string | undefined {
    return addresses === undefined || id === undefined ? id : addresses.read(id)?.id;
  }

  function show(record: RecordCursor, index: number, plan: ObjectPlan, facts: RecordFacts): void {
    const planned =
      planOfColumn === undefined
        ? plan.field(record.nameId(index), record.name(index))
        : planOfColumn(plan, record, index);
    const field = planned.perRecord === undefined ? planned : planned.perRecord.of(facts);
    // All that is unknown here is the name of a relationship: the records it leads to have been decided on.
    if (!field.classified && record.kind(index) === 'records') return;
    if (field.transform !== undefined) treat(record, index, field, field.transform, tally);
    else if (!field.classified) tally.unclassified(field.key);
  }

  function nameDataSubject(record: RecordCursor, plan: ObjectPlan, facts: RecordFacts): void {
    const idField = plan.view.dataSubjectId;
    if (idField === undefined) return;
    const id = facts(idField) ?? idOf(record);
    if (id !== undefined && id !== '') tally.dataSubject(disclosure.pseudonym(plan.view.object, id));
  }
}

function failedRule({ rows }: ObjectView, facts: RecordFacts): RowRule | undefined {
  for (const rule of rows) if (!rule.holds(facts)) return rule;
  return undefined;
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
function factsOf(record: RecordCursor, ignoreCase: boolean): RecordFacts {
  return (field) => {
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

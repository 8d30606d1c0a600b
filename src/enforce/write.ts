import type { CrmAdapter } from '../crm/adapter.ts';
import type { Limits } from '../limits.ts';
import type { NameTable } from '../media/name-table.ts';
import type { RecordCursor } from '../media/record.ts';
import type { ObjectView, View } from '../model/decision.ts';
import type { Operation } from '../model/operation.ts';
import type { RecordFacts } from '../model/record-facts.ts';
import type { CrmRequest } from '../model/request.ts';
import { type CurrentRecord, type CurrentValue, revealCurrent } from './current-values.ts';
import { createJsonTexts } from './json-text.ts';
import type { FieldPlan, ObjectPlan } from './object-plan.ts';
import { Refusal } from './refusal.ts';
import type { VaultAccess } from './vault-access.ts';
import { walkBody, writtenObject } from './walk-body.ts';
import { type JsonShown, jsonShown, judgeJson } from './written-json.ts';
import { judgeWrite, type Verdict, type WrittenTo } from './written-value.ts';

/** By record id. */
type CurrentValues = ReadonlyMap<string, CurrentRecord>;

export interface WriteTools {
  readonly adapter: CrmAdapter;
  readonly plans: (view: ObjectView) => ObjectPlan;
  readonly names: NameTable;
  readonly limits: Limits;
  readonly vault: VaultAccess;
  /** What the CRM keeps. */
  readonly view: View;
  /** Reads from the CRM with the client's own credentials; undefined when the CRM does not answer 200 with JSON. */
  readonly read: (request: CrmRequest) => Promise<unknown>;
}

/** A field in a write that this principal does not see clear. */
interface TreatedWrite {
  readonly object: string;
  readonly recordId: string | undefined;
  readonly field: string;
  /** What is done to it, by each view in which it may have been seen. */
  readonly plans: readonly FieldPlan[];
  /** The same for what stands in it, where the value is JSON. */
  readonly json: readonly JsonShown[];
}

/**
 * Keeps masked values from being written over real ones. In a write, a value equal to what this principal was shown for the
 * field means "unchanged" and is taken out; a half-edited mask is refused; a new value passes. Where what stands there now
 * cannot be read, a value that could be what was shown is refused.
 * @param shown the views in which this principal reads these records, without clear ones
 * @returns the body to forward
 * @throws Refusal naming the field; PrivetError REQUEST_MALFORMED, REQUEST_TOO_LARGE
 */
export async function keepMasksOut(
  operation: Operation,
  shown: readonly View[],
  tools: WriteTools,
): Promise<Buffer | undefined> {
  const { body } = operation.request;
  if (shown.length === 0 || body === undefined || operation.body.format !== 'json') return body;
  const treated: TreatedWrite[] = [];
  walkBody(operation.body, body, tools, (record) => {
    forEachTreated(record, operation, shown, tools, (write) => treated.push(write));
  });
  if (treated.length === 0) return body;

  const known = await readCurrent(operation, treated, tools);
  const creates = operation.kind === 'create' && operation.otherKinds === undefined;
  return walkBody(operation.body, body, tools, (record) => {
    forEachTreated(record, operation, shown, tools, (write, index) => {
      const values = write.recordId === undefined ? undefined : known.get(write.recordId);
      const current = values?.get(write.field);
      const writtenTo = { plans: plansFor(write, values), current: current?.value, isNew: creates };
      const verdict = isToken(record, index, current) ? 'unchanged' : judge(record, index, write, writtenTo);
      if (verdict === 'unchanged') record.remove(index);
      else if (verdict !== 'new') refuse(write, shown, verdict);
    });
  });
}

function judge(record: RecordCursor, index: number, { json }: TreatedWrite, writtenTo: WrittenTo): Verdict {
  const verdict = json.length === 0 ? 'new' : judgeJson(record.text(index), json, writtenTo);
  return verdict === 'new' ? judgeWrite(record, index, writtenTo) : verdict;
}

/** Whoever was shown the token writes it back. */
function isToken(record: RecordCursor, index: number, current: CurrentValue | undefined): boolean {
  return (
    current?.token !== undefined && record.kind(index) !== 'null' && record.text(index) === current.token
  );
}

function forEachTreated(
  record: RecordCursor,
  operation: Operation,
  shown: readonly View[],
  tools: WriteTools,
  visit: (write: TreatedWrite, index: number) => void,
): void {
  const object = writtenObject(record, operation);
  const views = shown.map((view) => ({
    plan: tools.plans(view.of(object)),
    texts: createJsonTexts({ ...tools, view }),
  }));
  // The path says which record is written, whatever the body says.
  const recordId = operation.recordId ?? record.id;
  for (let index = 0; index < record.size; index++) {
    const field = record.name(index);
    const seen = views.map(({ plan, texts }) => ({ plan: plan.field(record.nameId(index), field), texts }));
    const plans = seen.map(({ plan }) => plan).filter(({ transform }) => transform !== undefined);
    const json = seen.flatMap(({ plan, texts }) => jsonShown(record, index, plan, texts) ?? []);
    if (plans.length > 0 || json.length > 0) visit({ object, recordId, field, plans, json }, index);
  }
}

async function readCurrent(
  operation: Operation,
  treated: readonly TreatedWrite[],
  tools: WriteTools,
): Promise<CurrentValues> {
  const values = new Map<string, CurrentRecord>();
  for (const object of new Set(treated.map((write) => write.object))) {
    const writes = treated.filter((write) => write.object === object && write.recordId !== undefined);
    const ids = [...new Set(writes.flatMap((write) => write.recordId ?? []))];
    const needs = writes.flatMap(({ plans }) => plans.flatMap(({ perRecord }) => perRecord?.needs ?? []));
    const fields = [...new Set([...writes.map((write) => write.field), ...needs])];
    const read = ids.length === 0 ? undefined : tools.adapter.readCurrent(operation, object, ids, fields);
    if (read === undefined) continue;
    const answer = await tools.read(read.request);
    if (answer === undefined) continue;
    const current = await revealCurrent(read.values(answer), object, tools.view, tools.vault);
    for (const [id, record] of current) values.set(id, record);
  }
  return values;
}

/** What this record's field may have been shown as. */
function plansFor({ plans }: TreatedWrite, values: CurrentRecord | undefined): readonly FieldPlan[] {
  const facts: RecordFacts = (field) => {
    const value = values?.get(field)?.value;
    return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
  };
  return plans.flatMap(({ perRecord, ...plan }) => {
    if (perRecord === undefined) return [plan];
    return values === undefined ? perRecord.possible : [perRecord.of(facts)];
  });
}

const REFUSED = {
  edited: 'looks like an edited mask. Write a whole new value, or leave the field out.',
  untold:
    'may be what you were shown in place of the real one, and the CRM does not tell which. Leave the field out.',
} as const;

function refuse(
  { object, field }: TreatedWrite,
  shown: readonly View[],
  verdict: keyof typeof REFUSED,
): never {
  const policies = shown.flatMap((view) => view.of(object).field(field)?.policies ?? []);
  throw new Refusal({
    policy: policies[0] ?? 'show',
    message: `The value written to ${field} ${REFUSED[verdict]}`,
  });
}

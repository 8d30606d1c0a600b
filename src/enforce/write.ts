import type { CrmAdapter } from '../crm/adapter.ts';
import { PrivetError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import { createJsonRewriter } from '../media/json/json-rewriter.ts';
import type { NameTable } from '../media/name-table.ts';
import type { RecordCursor } from '../media/record.ts';
import { MediaError } from '../media/rewriter.ts';
import type { ObjectView, RecordFacts, View } from '../model/decision.ts';
import type { Operation } from '../model/operation.ts';
import type { CrmRequest } from '../model/request.ts';
import type { FieldPlan, ObjectPlan } from './object-plan.ts';
import { Refusal } from './refusal.ts';
import { judgeWrite, type Scalar } from './written-value.ts';

/** Record id → field → value as the CRM holds it. */
type CurrentValues = ReadonlyMap<string, ReadonlyMap<string, Scalar>>;

export interface WriteTools {
  readonly adapter: CrmAdapter;
  readonly plans: (view: ObjectView) => ObjectPlan;
  readonly names: NameTable;
  readonly limits: Limits;
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
  walk(operation, body, tools, (record) => {
    forEachTreated(record, operation, shown, tools, (write) => treated.push(write));
  });
  if (treated.length === 0) return body;

  const current = await readCurrent(operation, treated, tools);
  const creates = operation.kind === 'create' && operation.otherKinds === undefined;
  return walk(operation, body, tools, (record) => {
    forEachTreated(record, operation, shown, tools, (write, index) => {
      const values = write.recordId === undefined ? undefined : current.get(write.recordId);
      const verdict = judgeWrite(record, index, {
        plans: plansFor(write, values),
        current: values?.get(write.field),
        isNew: creates,
      });
      if (verdict === 'unchanged') record.remove(index);
      else if (verdict !== 'new') refuse(write, shown, verdict);
    });
  });
}

function walk(
  { body: shape }: Operation,
  body: Buffer,
  { names, limits }: WriteTools,
  record: (record: RecordCursor) => void,
): Buffer {
  if (shape.format !== 'json') return body;
  const handler = {
    record: (one: RecordCursor) => {
      record(one);
      return true;
    },
    special: () => undefined,
  };
  try {
    const rewriter = createJsonRewriter({ shape: shape.root, handler, names, limits, duplicates: 'refuse' });
    return Buffer.concat([rewriter.push(body), rewriter.end()]);
  } catch (error) {
    if (!(error instanceof MediaError)) throw error;
    throw new PrivetError(
      error.reason === 'limit' ? 'REQUEST_TOO_LARGE' : 'REQUEST_MALFORMED',
      error.message,
    );
  }
}

function forEachTreated(
  record: RecordCursor,
  operation: Operation,
  shown: readonly View[],
  tools: WriteTools,
  visit: (write: TreatedWrite, index: number) => void,
): void {
  const [only, ...others] = operation.objects;
  const object = record.object ?? (others.length === 0 ? only : undefined) ?? '*';
  const views = shown.map((view) => tools.plans(view.of(object)));
  // The path says which record is written, whatever the body says.
  const recordId = operation.recordId ?? record.id;
  for (let index = 0; index < record.size; index++) {
    const field = record.name(index);
    const plans = views
      .map((view) => view.field(record.nameId(index), field))
      .filter(({ transform }) => transform !== undefined);
    if (plans.length > 0) visit({ object, recordId, field, plans }, index);
  }
}

async function readCurrent(
  operation: Operation,
  treated: readonly TreatedWrite[],
  tools: WriteTools,
): Promise<CurrentValues> {
  const values = new Map<string, ReadonlyMap<string, Scalar>>();
  for (const object of new Set(treated.map((write) => write.object))) {
    const writes = treated.filter((write) => write.object === object && write.recordId !== undefined);
    const ids = [...new Set(writes.flatMap((write) => write.recordId ?? []))];
    const needs = writes.flatMap(({ plans }) => plans.flatMap(({ perRecord }) => perRecord?.needs ?? []));
    const fields = [...new Set([...writes.map((write) => write.field), ...needs])];
    const read = ids.length === 0 ? undefined : tools.adapter.readCurrent(operation, object, ids, fields);
    if (read === undefined) continue;
    const answer = await tools.read(read.request);
    if (answer === undefined) continue;
    for (const [id, record] of read.values(answer)) values.set(id, record);
  }
  return values;
}

/** What this record's field may have been shown as. */
function plansFor(
  { plans }: TreatedWrite,
  values: ReadonlyMap<string, Scalar> | undefined,
): readonly FieldPlan[] {
  const facts: RecordFacts = (field) => {
    const value = values?.get(field);
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

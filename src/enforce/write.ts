import type { CrmAdapter } from '../crm/adapter.ts';
import type { Limits } from '../limits.ts';
import { createJsonRewriter } from '../media/json/json-rewriter.ts';
import type { NameTable } from '../media/name-table.ts';
import type { RecordCursor } from '../media/record.ts';
import type { ObjectView, View } from '../model/decision.ts';
import type { Operation } from '../model/operation.ts';
import type { CrmRequest } from '../model/request.ts';
import type { Transform } from '../transform/transform.ts';
import type { FieldPlan, ObjectPlan } from './object-plan.ts';
import { Refusal } from './refusal.ts';

type Scalar = string | number | boolean | null;
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
}

/**
 * Keeps masked values from being written over real ones. In a write, a value equal to what this principal was shown for the
 * field means "unchanged" and is taken out; a half-edited mask is refused; a new value passes.
 * @param shown the view in which this principal reads these records
 * @returns the body to forward
 * @throws Refusal naming the field
 */
export async function keepMasksOut(
  operation: Operation,
  body: Buffer,
  shown: View,
  tools: WriteTools,
): Promise<Buffer> {
  if (shown.isClear || operation.body.format !== 'json') return body;
  const shape = operation.body.root;
  const treated: TreatedWrite[] = [];
  const walk = (record: (record: RecordCursor) => boolean): Buffer => {
    const handler = { record, special: () => undefined };
    const { names, limits } = tools;
    const rewriter = createJsonRewriter({ shape, handler, names, limits, duplicates: 'refuse' });
    return Buffer.concat([rewriter.push(body), rewriter.end()]);
  };

  walk((record) => {
    forEachTreated(record, operation, shown, tools, (write) => treated.push(write));
    return true;
  });
  if (treated.length === 0) return body;

  const current = await readCurrent(operation, treated, tools);
  return walk((record) => {
    forEachTreated(record, operation, shown, tools, (write, index, transform) => {
      const value = write.recordId === undefined ? undefined : current.get(write.recordId)?.get(write.field);
      judge(record, index, transform, value, write.field, shown);
    });
    return true;
  });
}

function forEachTreated(
  record: RecordCursor,
  operation: Operation,
  shown: View,
  tools: WriteTools,
  visit: (write: TreatedWrite, index: number, transform: Transform) => void,
): void {
  const object = record.object ?? operation.objects[0] ?? '*';
  const plan = tools.plans(shown.of(object));
  const recordId = record.id ?? operation.recordId;
  for (let index = 0; index < record.size; index++) {
    const field: FieldPlan = plan.field(record.nameId(index), record.name(index));
    if (field.transform === undefined) continue;
    visit({ object, recordId, field: field.field }, index, field.transform);
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
    const fields = [...new Set(writes.map((write) => write.field))];
    const read = ids.length === 0 ? undefined : tools.adapter.readCurrent(operation, object, ids, fields);
    if (read === undefined) continue;
    const answer = await tools.read(read.request);
    if (answer === undefined) continue;
    for (const [id, record] of read.values(answer)) values.set(id, record);
  }
  return values;
}

function judge(
  record: RecordCursor,
  index: number,
  transform: Transform,
  current: Scalar | undefined,
  field: string,
  shown: View,
): void {
  const kind = record.kind(index);
  if (kind === 'container') return;
  const written = kind === 'null' ? null : record.text(index);
  if (current !== undefined && current !== null && written === shownAs(transform, current)) {
    record.remove(index);
    return;
  }
  if (typeof written !== 'string' || kind !== 'string' || !transform.recognises(written)) return;
  const policy = shown.of(record.object ?? '*').field(field)?.policies[0] ?? 'show';
  throw new Refusal({
    policy,
    message: `The value written to ${field} looks like an edited mask. Write a whole new value, or leave the field out.`,
  });
}

/** What the principal saw in place of a value: text of a scalar, null, or undefined where it saw no field at all. */
function shownAs(transform: Transform, current: string | number | boolean): string | null | undefined {
  if (transform.structure === 'remove') return undefined;
  if (transform.structure === 'null' || typeof current === 'boolean') return null;
  return typeof current === 'number' ? transform.number(String(current)) : transform.string(current);
}

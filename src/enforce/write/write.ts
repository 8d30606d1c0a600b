import type { CrmAdapter } from '../../crm/adapter.ts';
import type { Limits } from '../../limits.ts';
import type { NameTable } from '../../media/name-table.ts';
import type { RecordCursor, ValueKind } from '../../media/record.ts';
import type { ObjectView, View } from '../../model/decision.ts';
import type { Operation } from '../../model/operation.ts';
import type { CrmRequest } from '../../model/request.ts';
import { type CurrentRecord, revealCurrent } from '../current/current-values.ts';
import type { ObjectPlan } from '../record/object-plan.ts';
import { walkBody, writtenObject } from '../record/walk-body.ts';
import type { VaultAccess } from '../stored/vault-access.ts';
import {
  fieldsFor,
  judgeTreated,
  refusedWrite,
  seenIn,
  type TreatedValue,
  treatedIn,
} from './treated-value.ts';

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

/** A field of a record in a body. */
interface TreatedWrite extends TreatedValue {
  readonly object: string;
  readonly recordId: string | undefined;
}

/**
 * Keeps masked values from being written over real ones. In a write, a value equal to what this principal was shown for
 * the field means "unchanged" and is taken out; a half-edited mask is refused; a new value passes. Where what stands
 * there now cannot be read, a value that could be what was shown is refused.
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
      const kind = record.kind(index);
      const written = { kind, text: HAS_TEXT.has(kind) ? record.text(index) : '' };
      const values = write.recordId === undefined ? undefined : known.get(write.recordId);
      const verdict = judgeTreated(written, write, { values, isNew: creates });
      if (verdict === 'unchanged') record.remove(index);
      else if (verdict !== 'new') throw refusedWrite(write, shown, verdict);
    });
  });
}

const HAS_TEXT: ReadonlySet<ValueKind> = new Set(['string', 'number', 'boolean', 'container']);

function forEachTreated(
  record: RecordCursor,
  operation: Operation,
  shown: readonly View[],
  tools: WriteTools,
  visit: (write: TreatedWrite, index: number) => void,
): void {
  const object = writtenObject(record, operation);
  const views = seenIn(object, shown, tools);
  // The path names the record that is written, whatever the body says.
  const recordId = operation.recordId ?? record.id;
  for (let index = 0; index < record.size; index++) {
    const treated = treatedIn(record, index, views);
    if (treated !== undefined) visit({ object, recordId, ...treated }, index);
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
    const fields = fieldsFor(writes);
    const read = ids.length === 0 ? undefined : tools.adapter.readCurrent(operation, object, ids, fields);
    if (read === undefined) continue;
    const answer = await tools.read(read.request);
    if (answer === undefined) continue;
    const current = await revealCurrent(read.values(answer), object, tools.view, tools.vault);
    for (const [id, record] of current) values.set(id, record);
  }
  return values;
}

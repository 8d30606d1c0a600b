import type { CrmAdapter } from '../../crm/adapter.ts';
import type { Limits } from '../../limits.ts';
import type { NameTable } from '../../media/name-table.ts';
import type { RecordCursor, ValueKind } from '../../media/record.ts';
import type { ObjectView, View } from '../../model/decision.ts';
import type { Operation } from '../../model/operation.ts';
import type { CrmRequest } from '../../model/request.ts';
import { revealCurrent } from '../current/current-values.ts';
import { findRecords, type Sought } from '../current/found-records.ts';
import type { ObjectPlan } from '../record/object-plan.ts';
import { walkBody, writtenObject } from '../record/walk-body.ts';
import { recordKeyIn } from '../stored/slot.ts';
import type { VaultAccess } from '../stored/vault-access.ts';
import {
  fieldsFor,
  judgeTreated,
  refusedWrite,
  seenIn,
  type TreatedValue,
  treatedIn,
} from './treated-value.ts';
import { NEW, targetsByValue, UNTOLD, type WrittenTarget } from './written-target.ts';

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

/** How a write names a record. */
interface Name extends Omit<Sought, 'values'> {
  readonly value: string;
}

/** A field of a record in a body. */
interface TreatedWrite extends TreatedValue {
  readonly object: string;
  /** Undefined: it is a new record, or the request does not tell which one. */
  readonly name: Name | undefined;
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

  const target = await findTargets(operation, treated, tools);
  return walkBody(operation.body, body, tools, (record) => {
    forEachTreated(record, operation, shown, tools, (write, index) => {
      const kind = record.kind(index);
      const written = { kind, text: HAS_TEXT.has(kind) ? record.text(index) : '' };
      const verdict = judgeTreated(written, write, target(write));
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
  const name = nameOf(record, object, operation);
  for (let index = 0; index < record.size; index++) {
    const treated = treatedIn(record, index, views);
    if (treated !== undefined) visit({ object, name, ...treated }, index);
  }
}

function nameOf(record: RecordCursor, object: string, operation: Operation): Name | undefined {
  const [field, value] = recordKeyIn(record, object, operation) ?? [];
  const isKey = operation.uses.some(
    (use) => use.position === 'lookup' && use.field === field && use.equals?.includes(value ?? ''),
  );
  if (field !== undefined && value !== undefined && isKey) return { object, field, value };
  // The path names the record that is written, whatever the body says.
  const id = operation.recordId ?? record.id;
  return id === undefined ? undefined : { object, value: id };
}

/** Reads the records that are written to, all that are named in one way at once. */
async function findTargets(
  operation: Operation,
  treated: readonly TreatedWrite[],
  tools: WriteTools,
): Promise<(write: TreatedWrite) => WrittenTarget> {
  const untold = creates(operation) ? NEW : UNTOLD;
  const wayOf = ({ object, field }: Name): string => JSON.stringify([object, field]);
  const named = treated.filter(({ name }) => name !== undefined);
  const alike = Map.groupBy(named, ({ name }) => name && wayOf(name));
  const found = new Map<string, (value: string) => WrittenTarget>();
  for (const writes of alike.values()) {
    const names = writes.flatMap(({ name }) => name ?? []);
    const [first] = names;
    if (first === undefined) continue;
    const { value: _, ...by } = first;
    const values = [...new Set(names.map(({ value }) => value))];
    const find = by.field === undefined ? currentById : currentByKey;
    found.set(wayOf(first), await find({ ...by, values }, { operation, fields: fieldsFor(writes), tools }));
  }
  return ({ name }) => (name && found.get(wayOf(name))?.(name.value)) ?? untold;
}

function creates({ kind, otherKinds }: Operation): boolean {
  return kind === 'create' && otherKinds === undefined;
}

interface Reading {
  readonly operation: Operation;
  readonly fields: readonly string[];
  readonly tools: WriteTools;
}

async function currentById(
  { object, values: ids }: Sought,
  { operation, fields, tools }: Reading,
): Promise<(id: string) => WrittenTarget> {
  const read = tools.adapter.readCurrent(operation, object, ids, fields);
  const answer = read && (await tools.read(read.request));
  const values = read === undefined || answer === undefined ? [] : read.values(answer);
  const current = await revealCurrent(values, object, tools.view, tools.vault);
  return (id) => ({ values: current.get(id), isNew: creates(operation) });
}

async function currentByKey(
  sought: Sought,
  { operation, fields, tools }: Reading,
): Promise<(key: string) => WrittenTarget> {
  const found = await findRecords(sought, fields, { ...tools, operation });
  return targetsByValue(found, NEW, (value) =>
    tools.adapter.valuesIgnoreCase === true ? value.toLowerCase() : value,
  );
}

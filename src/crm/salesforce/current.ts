import type { Operation } from '../../model/operation.ts';
import type { CurrentRead } from '../adapter.ts';
import { isJsonObject } from '../json-body.ts';
import { getRequest, pathOf } from '../request-edit.ts';

const READABLE = new Set(['update', 'collection-update']);
/** Salesforce ids are the same with and without the last three characters. */
const ID_LENGTH = 15;
type Scalar = string | number | boolean | null;

/**
 * Reads the current values of records that an update names, or that hold a file, through the collections resource: one
 * request for all of them.
 */
export function readCurrentRecords(
  operation: Operation,
  object: string,
  ids: readonly string[],
  fields: readonly string[],
): CurrentRead | undefined {
  const isReadable = READABLE.has(operation.route) || operation.file !== undefined;
  if (!isReadable || ids.length === 0) return undefined;
  const root = operation.request.segments.slice(0, 3);
  const names = fields.some((field) => field.toLowerCase() === 'id') ? fields : ['Id', ...fields];
  const request = getRequest(pathOf([...root, 'composite', 'sobjects', object]), [
    ['ids', ids.join(',')],
    ['fields', names.join(',')],
  ]);
  return { request, values: (body) => valuesIn(body, ids, fields) };
}

/** By the ids that were asked for. */
export function valuesIn(
  body: unknown,
  ids: readonly string[],
  fields: readonly string[],
): ReadonlyMap<string, ReadonlyMap<string, Scalar>> {
  const found = new Map<string, ReadonlyMap<string, Scalar>>();
  for (const record of Array.isArray(body) ? body : []) {
    if (!isJsonObject(record)) continue;
    const members = new Map(Object.entries(record).map(([name, value]) => [name.toLowerCase(), value]));
    const id = members.get('id');
    const asked =
      typeof id === 'string' && ids.find((one) => one.slice(0, ID_LENGTH) === id.slice(0, ID_LENGTH));
    if (typeof asked !== 'string') continue;
    found.set(
      asked,
      new Map(
        fields.flatMap((field): [string, Scalar][] => {
          const value = members.get(field.toLowerCase());
          return isScalar(value) ? [[field, value]] : [];
        }),
      ),
    );
  }
  return found;
}

export function isScalar(value: unknown): value is Scalar {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

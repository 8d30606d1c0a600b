import type { Operation } from '../../model/operation.ts';
import type { FoundRecord, RecordRead, SoughtBy } from '../adapter.ts';
import { isJsonObject } from '../json-body.ts';
import { getRequest, pathOf, withJsonBody } from '../request-edit.ts';
import { valuesOf } from './current.ts';
import { isRecordId } from './record-id.ts';

/** @see https://developers.hubspot.com/docs/api-reference/crm-objects-v3/guide#retrieve-records */
const INPUTS_MAX = 100;

/** Reads records through `batch/read`, by their ids or by a property with unique values. */
export function findRecords(
  _operation: Operation,
  object: string,
  { field, values }: SoughtBy,
  fields: readonly string[],
): RecordRead | undefined {
  if (object === '*') return undefined;
  const asked = values.slice(0, INPUTS_MAX);
  const names = field === undefined ? fields : [...new Set([...fields, field])];
  const read = {
    ...getRequest(pathOf(['crm', 'v3', 'objects', object, 'batch', 'read'])),
    method: 'POST',
    contentType: 'application/json',
  };
  return {
    request: withJsonBody(read, {
      inputs: asked.map((id) => ({ id })),
      properties: names,
      ...(field === undefined ? {} : { idProperty: field }),
    }),
    covers: asked.length,
    records: (body) => {
      const results = isJsonObject(body) ? body['results'] : undefined;
      if (!Array.isArray(results)) return undefined;
      return results.filter(isJsonObject).map((result): FoundRecord => {
        const found = valuesOf(result, names);
        const own: unknown = field === undefined ? result['id'] : found.get(field);
        const text = typeof own === 'string' || typeof own === 'number' ? String(own).toLowerCase() : '';
        // A contact is also found by its further addresses: then it holds none of the values asked for.
        const id = result['id'];
        return {
          asked: asked.find((value) => value.toLowerCase() === text),
          id: isRecordId(id) ? String(id) : undefined,
          values: found,
        };
      });
    },
  };
}

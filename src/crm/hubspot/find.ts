import type { Operation } from '../../model/operation.ts';
import type { FoundRecord, RecordRead, SoughtBy } from '../adapter.ts';
import { isJsonObject } from '../json-body.ts';
import { getRequest, pathOf, withJsonBody } from '../request-edit.ts';
import { valuesOf } from './current.ts';
import { isRecordId } from './record-id.ts';

/** @see https://developers.hubspot.com/docs/api-reference/crm-objects-v3/guide#retrieve-records */
const INPUTS_MAX = 100;

/** Reads records through `batch/read`, by their ids or by a property with unique values, and others through a search. */
export function findRecords(
  _operation: Operation,
  object: string,
  { field, values, isShared }: SoughtBy,
  fields: readonly string[],
): RecordRead | undefined {
  if (object === '*') return undefined;
  if (field !== undefined && isShared === true) return search(object, field, values, fields);
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
        return {
          asked: asked.find((value) => value.toLowerCase() === text),
          id: idIn(result),
          values: found,
        };
      });
    },
  };
}

function idIn({ id }: Readonly<Record<string, unknown>>): string | undefined {
  return isRecordId(id) ? String(id) : undefined;
}

/** @see https://developers.hubspot.com/docs/api-reference/crm-search-v3/guide#limits */
const FOUND_MAX = 200;

/**
 * `IN` also finds a value among several (`hs_additional_emails`). HubSpot finds what was written some seconds ago, and
 * compares values in lower case alone.
 */
function search(
  object: string,
  field: string,
  values: readonly string[],
  fields: readonly string[],
): RecordRead {
  const asked = values.slice(0, INPUTS_MAX);
  const names = [...new Set([...fields, field])];
  const request = {
    ...getRequest(pathOf(['crm', 'v3', 'objects', object, 'search'])),
    method: 'POST',
    contentType: 'application/json',
  };
  const wanted = [...new Set(asked.map((value) => value.toLowerCase()))];
  return {
    request: withJsonBody(request, {
      filterGroups: [{ filters: [{ propertyName: field, operator: 'IN', values: wanted }] }],
      properties: names,
      limit: FOUND_MAX,
    }),
    covers: asked.length,
    records: (body) => {
      const results = isJsonObject(body) && body['paging'] === undefined ? body['results'] : undefined;
      if (!Array.isArray(results)) return undefined;
      return results.filter(isJsonObject).flatMap((result): FoundRecord[] => {
        const found = valuesOf(result, names);
        const own = String(found.get(field) ?? '')
          .toLowerCase()
          .split(';')
          .map((text) => text.trim());
        const under = asked.filter((value) => own.includes(value.toLowerCase()));
        const id = idIn(result);
        if (under.length === 0) return [{ asked: undefined, id, values: found }];
        return under.map((value) => ({ asked: value, id, values: found }));
      });
    },
  };
}

import type { Operation } from '../../model/operation.ts';
import type { CrmRequest } from '../../model/request.ts';
import type { CurrentRead } from '../adapter.ts';
import { isJsonObject, type JsonObject, parseJsonObject } from '../json-body.ts';
import { getRequest, pathOf, withJsonBody } from '../request-edit.ts';

type Scalar = string | number | boolean | null;
type Values = ReadonlyMap<string, ReadonlyMap<string, Scalar>>;

/**
 * Reads the current values of records that an update names (the record itself, or the same batch through `batch/read`)
 * or of a file.
 */
export function readCurrentObjects(
  operation: Operation,
  _object: string,
  ids: readonly string[],
  fields: readonly string[],
): CurrentRead | undefined {
  const { request, route, recordId, file } = operation;
  if (file !== undefined) return readCurrentFile(request, file.id, fields);
  const [id] = ids;
  if (route === 'update' && recordId !== undefined && id === recordId && ids.length === 1) {
    return {
      request: getRequest(request.path, [['properties', fields.join(',')]]),
      values: (body) => valuesIn([body], fields),
    };
  }
  if (route !== 'batch-update' || ids.length === 0 || looksUp(request)) return undefined;
  const segments = [...request.segments.slice(0, -1), 'read'];
  const read: CrmRequest = {
    ...request,
    path: pathOf(segments),
    segments,
    query: [],
    accept: 'application/json',
  };
  return {
    request: withJsonBody(read, { inputs: ids.map((one) => ({ id: one })), properties: fields }),
    values: (body) =>
      valuesIn(isJsonObject(body) && Array.isArray(body['results']) ? body['results'] : [], fields),
  };
}

/**
 * HubSpot refuses an update without properties ("No properties found to update"), where the client has sent some. In a
 * batch it takes such records, changes nothing of them and answers with them.
 * @see https://github.com/HubSpot/hubspot-api-ruby/issues/121
 * @see https://github.com/HubSpot/hubspot-api-php/issues/104
 */
export function readUnchangedObject(
  { request, route, recordId }: Operation,
  body: Buffer,
): CrmRequest | undefined {
  if (route !== 'update' || recordId === undefined || propertiesIn(body).length > 0) return undefined;
  const sent = propertiesIn(request.body);
  return sent.length === 0 ? undefined : getRequest(request.path, [['properties', sent.join(',')]]);
}

function propertiesIn(body: Buffer | undefined): readonly string[] {
  const { properties } = parseJsonObject(body);
  return isJsonObject(properties) ? Object.keys(properties) : [];
}

/** What the file manager says of a file, before its bytes. */
function readCurrentFile({ segments }: CrmRequest, id: string, fields: readonly string[]): CurrentRead {
  return {
    request: getRequest(pathOf(segments.slice(0, -1))),
    values: (body) =>
      isJsonObject(body) && body['id'] === id
        ? new Map([[id, new Map(fields.flatMap((field) => currentValue(body, field)))]])
        : new Map(),
  };
}

/** Ids of a batch that are values of another property cannot be told from record ids. */
function looksUp(request: CrmRequest): boolean {
  const inputs = parseJsonObject(request.body)['inputs'];
  return (
    !Array.isArray(inputs) || inputs.some((input: unknown) => isJsonObject(input) && 'idProperty' in input)
  );
}

function valuesIn(records: readonly unknown[], fields: readonly string[]): Values {
  return new Map(
    records.filter(isJsonObject).flatMap((record): [string, ReadonlyMap<string, Scalar>][] => {
      const { id, properties } = record;
      if (typeof id !== 'string' || !isJsonObject(properties)) return [];
      return [[id, valuesOf(record, fields)]];
    }),
  );
}

export function valuesOf({ properties }: JsonObject, fields: readonly string[]): ReadonlyMap<string, Scalar> {
  return new Map(isJsonObject(properties) ? fields.flatMap((field) => currentValue(properties, field)) : []);
}

function currentValue(properties: JsonObject, field: string): [string, Scalar][] {
  const value = properties[field in properties ? field : field.toLowerCase()];
  if (value === null) return [[field, null]];
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? [[field, value]]
    : [];
}

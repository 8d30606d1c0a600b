import type { FieldUse, Operation } from '../../model/operation.ts';
import { queryParameter } from '../../model/request.ts';
import type { Narrowed, Narrowing } from '../adapter.ts';
import type { Recogniser } from '../adapter-code.ts';
import { isJsonObject, type JsonObject, parseJsonObject, refuseBody, stringsIn } from '../json-body.ts';
import { withJsonBody } from '../request-edit.ts';
import { unnarrowed } from '../select-parameter.ts';
import { comparing } from '../substitution.ts';
import { canonicalObject, DEFAULT_PROPERTIES } from './objects.ts';
import { objectsOf, usesOfSearch, withProperties } from './search.ts';

const RECORD_MEMBERS = new Set(['id', 'idProperty', 'properties', 'associations', 'objectWriteTraceId']);
const BATCH_READ_MEMBERS = new Set(['inputs', 'idProperty', 'properties', 'propertiesWithHistory']);

/** One record by the id in the path, or by a unique property when `idProperty` names one: then the path holds its value. */
export const recogniseOne: Recogniser = ({ request, operation }) => {
  if (queryParameter(request, 'idProperty') === undefined) return operation;
  const { recordId: value, ...withoutId } = operation;
  const lookups = operation.uses.filter(({ position }) => position === 'lookup');
  if (lookups.length !== 1) return withoutId;
  const uses = operation.uses.map((use) => (use.position === 'lookup' ? comparing(use, [value]) : use));
  return { ...withoutId, uses };
};

export const recogniseWrite: Recogniser = ({ request, object, operation }) => ({
  ...operation,
  uses: [...operation.uses, ...usesOfRecord(object, parseJsonObject(request.body))],
});

export const recogniseWriteOne: Recogniser = (recognition) => {
  const operation = recogniseOne(recognition);
  return operation && recogniseWrite({ ...recognition, operation });
};

export const recogniseBatchWrite: Recogniser = ({ request, object, operation }) => {
  const uses = inputsOf(parseJsonObject(request.body)).flatMap((input) => usesOfRecord(object, input));
  return { ...operation, uses: [...operation.uses, ...uses] };
};

export const recogniseBatchArchive: Recogniser = ({ request, object, operation }) => {
  const inputs = inputsOf(parseJsonObject(request.body));
  const uses = inputs.flatMap((input) => lookupsOf(object, input));
  return { ...operation, uses, targets: inputs.flatMap((input) => targetsIn(object, input, 'id')) };
};

export const recogniseGdprDelete: Recogniser = ({ request, object, operation }) => {
  const body = parseJsonObject(request.body);
  return {
    ...operation,
    uses: lookupsOf(object, body, 'objectId'),
    targets: targetsIn(object, body, 'objectId'),
  };
};

/** Two records become one: both are changed. */
export const recogniseMerge: Recogniser = ({ request, object, operation }) => {
  const body = parseJsonObject(request.body);
  const targets = ['primaryObjectId', 'objectIdToMerge'].flatMap((name) => targetsIn(object, body, name));
  return targets.length === 2 ? { ...operation, targets } : refuseBody('it does not name two records.');
};

/** The record a member names by its id; none where the id is a value of another property. */
function targetsIn(object: string, record: JsonObject, name: string): { object: string; id: string }[] {
  const id = record[name];
  if (record['idProperty'] !== undefined && record['idProperty'] !== null) return [];
  return typeof id === 'string' || typeof id === 'number' ? [{ object, id: String(id) }] : [];
}

export const recogniseBatchRead: Recogniser = ({ request, object, operation }) => {
  const body = parseJsonObject(request.body);
  if (Object.keys(body).some((name) => !BATCH_READ_MEMBERS.has(name))) refuseBody('a member is not known.');
  const selected = stringsIn(body, 'properties') ?? DEFAULT_PROPERTIES.get(object) ?? ['*'];
  const names = [...selected, ...(stringsIn(body, 'propertiesWithHistory') ?? [])];
  const uses = names.map((field): FieldUse => ({ object, field, position: 'select' }));
  const ids = inputsOf(body).map(({ id }) => id);
  return { ...operation, uses: [...uses, ...lookups(object, body['idProperty'], ids)] };
};

export function narrowBatchRead(operation: Operation, narrowing: Narrowing): Narrowed {
  const nothing = unnarrowed(operation, narrowing);
  const [object] = operation.objects;
  if (object === undefined) return nothing;
  const body = parseJsonObject(operation.request.body);
  const { all, added } = withProperties(body, object, narrowing.fields.get(object) ?? []);
  if (added.length === 0) return nothing;
  const request = withJsonBody(operation.request, { ...body, properties: all });
  return { ...nothing, operation: { ...operation, request }, added: new Map([[object, added]]) };
}

/** The records on the other end: ids alone, of the object that `to` names. */
export const recogniseAssociations: Recogniser = ({ captures, operation }) => {
  const from = canonicalObject(captures.get('from') ?? '');
  if (from === undefined) return undefined;
  const about = { object: from, id: captures.get('id') ?? '' };
  return { ...operation, objects: [...new Set([from, ...operation.objects])], about };
};

/** An export, with the search that chooses its records. */
export const recogniseExport: Recogniser = ({ request, operation }) => {
  const body = parseJsonObject(request.body);
  const type = body['objectType'];
  const object = typeof type === 'string' ? canonicalObject(type) : undefined;
  if (object === undefined) return refuseBody('the export names no object.');
  const exported = (stringsIn(body, 'objectProperties') ?? ['*']).map(
    (field): FieldUse => ({ object, field, position: 'select' }),
  );
  const search = body['publicCrmSearchRequest'] ?? {};
  if (!isJsonObject(search)) return refuseBody('the search of the export is not an object.');
  const searched = usesOfSearch(object, { ...search, properties: [] });
  return { ...operation, objects: objectsOf(object, searched), uses: [...exported, ...searched] };
};

function usesOfRecord(object: string, record: JsonObject): FieldUse[] {
  if (Object.keys(record).some((name) => !RECORD_MEMBERS.has(name)))
    refuseBody('a record has a member that is not known.');
  const properties = record['properties'] ?? {};
  if (!isJsonObject(properties)) return refuseBody('"properties" is not an object.');
  const written = Object.entries(properties).map(([field, value]): FieldUse => {
    if (typeof value === 'object' && value !== null)
      return refuseBody('a property holds an object or a list.');
    return { object, field, position: 'write' };
  });
  return [...lookupsOf(object, record), ...written];
}

/** `idProperty` beside an id: the id is a value of that property. */
function lookupsOf(object: string, record: JsonObject, id: 'id' | 'objectId' = 'id'): FieldUse[] {
  return lookups(object, record['idProperty'], [record[id]]);
}

function lookups(object: string, idProperty: unknown, values: readonly unknown[]): FieldUse[] {
  if (idProperty === undefined || idProperty === null) return [];
  if (typeof idProperty !== 'string') return refuseBody('"idProperty" is not a name.');
  return [comparing({ object, field: idProperty, position: 'lookup' }, values)];
}

function inputsOf(body: JsonObject): JsonObject[] {
  const inputs = body['inputs'];
  if (Array.isArray(inputs) && inputs.every(isJsonObject)) return inputs;
  return refuseBody('"inputs" is not a list of objects.');
}

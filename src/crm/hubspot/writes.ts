import type { FieldUse, Operation } from '../../model/operation.ts';
import { queryParameter } from '../../model/request.ts';
import type { Narrowed, Narrowing } from '../adapter.ts';
import type { Recogniser } from '../adapter-code.ts';
import {
  isJsonObject,
  type JsonObject,
  parseJsonObject,
  refuseBody,
  refuseUnknown,
  stringsIn,
} from '../json-body.ts';
import { withJsonBody } from '../request-edit.ts';
import { unnarrowed } from '../select-parameter.ts';
import { comparing } from '../substitution.ts';
import { belongingOf } from './belonging.ts';
import { BATCH_MEMBERS, inputsIn } from './inputs.ts';
import { canonicalObject, DEFAULT_PROPERTIES } from './objects.ts';
import { propertyUse } from './properties.ts';
import { isRecordId, lookups, lookupsOf, targetsIn } from './record-id.ts';
import { objectsOf, usesOfSearch, withProperties } from './search.ts';

const RECORD_MEMBERS = new Set(['id', 'idProperty', 'properties', 'associations', 'objectWriteTraceId']);
const BATCH_READ_MEMBERS = new Set(['inputs', 'idProperty', 'properties', 'propertiesWithHistory']);
const ID_MEMBERS = new Set(['id']);
const ARCHIVED_MEMBERS = new Set(['id', 'idProperty']);
const ERASED_MEMBERS = new Set(['objectId', 'idProperty']);
const MERGED = ['primaryObjectId', 'objectIdToMerge'] as const;
const MERGED_MEMBERS: ReadonlySet<string> = new Set(MERGED);

/**
 * One record by the id in the path, or by a unique property when `idProperty` names one: then the path holds its value.
 */
export const recogniseOne: Recogniser = ({ request, object, operation }) => {
  const { recordId: value, ...withoutId } = operation;
  // An empty name is none.
  if ((queryParameter(request, 'idProperty') ?? '') === '') {
    if (isRecordId(value)) return operation;
    return { ...withoutId, uses: [...operation.uses, ...lookups(object, undefined, [value])] };
  }
  const named = operation.uses.filter(({ position }) => position === 'lookup');
  if (named.length !== 1) return withoutId;
  const uses = operation.uses.map((use) => (use.position === 'lookup' ? comparing(use, [value]) : use));
  return { ...withoutId, uses };
};

export const recogniseWrite: Recogniser = ({ request, object, operation }) =>
  writing(operation, object, [parseJsonObject(request.body)]);

export const recogniseWriteOne: Recogniser = (recognition) => {
  const operation = recogniseOne(recognition);
  return operation && recogniseWrite({ ...recognition, operation });
};

export const recogniseBatchWrite: Recogniser = ({ request, object, operation }) => {
  const inputs = inputsIn(parseJsonObject(request.body), BATCH_MEMBERS);
  return writing(operation, object, inputs);
};

export const recogniseBatchArchive: Recogniser = ({ request, object, operation }) => {
  const inputs = inputsIn(parseJsonObject(request.body), BATCH_MEMBERS);
  for (const input of inputs) refuseUnknown(input, ARCHIVED_MEMBERS, 'a record');
  const uses = inputs.flatMap((input) => lookupsOf(object, input));
  return { ...operation, uses, targets: inputs.flatMap((input) => targetsIn(object, input, 'id')) };
};

export const recogniseGdprDelete: Recogniser = ({ request, object, operation }) => {
  const body = parseJsonObject(request.body);
  refuseUnknown(body, ERASED_MEMBERS, 'the erasure');
  return {
    ...operation,
    uses: lookupsOf(object, body, 'objectId'),
    targets: targetsIn(object, body, 'objectId'),
  };
};

/** Two records become one: both are changed, and the answer has what each of them held. */
export const recogniseMerge: Recogniser = ({ request, object, operation }) => {
  const body = parseJsonObject(request.body);
  refuseUnknown(body, MERGED_MEMBERS, 'the merge');
  const targets = MERGED.flatMap((name) => targetsIn(object, body, name));
  return targets.length === MERGED.length
    ? { ...operation, targets, tellsOf: targets }
    : refuseBody('it does not name two records by their ids.');
};

export const recogniseBatchRead: Recogniser = ({ request, object, operation }) => {
  const body = parseJsonObject(request.body);
  const inputs = inputsIn(body, BATCH_READ_MEMBERS);
  for (const input of inputs) refuseUnknown(input, ID_MEMBERS, 'a record');
  const selected = stringsIn(body, 'properties') ?? DEFAULT_PROPERTIES.get(object) ?? ['*'];
  const names = [...selected, ...(stringsIn(body, 'propertiesWithHistory') ?? [])];
  const uses = names.map((field): FieldUse => ({ object, field, position: 'select' }));
  const ids = inputs.map(({ id }) => id);
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
  const objects = [...new Set([...objectsOf(object, searched), ...associatedIn(body)])];
  return { ...operation, objects, uses: [...exported, ...searched] };
};

/** Records of another object, of which an export says which belong to those that it holds. */
function associatedIn({ associatedObjectType: type }: JsonObject): string[] {
  if (type === undefined || type === null) return [];
  const names = [type].flat().map((name) => (typeof name === 'string' ? canonicalObject(name) : undefined));
  const known = names.filter((name) => name !== undefined);
  return known.length === names.length ? known : refuseBody('"associatedObjectType" is not an object type.');
}

function writing(operation: Operation, object: string, records: readonly JsonObject[]): Operation {
  const uses = records.flatMap((record) => usesOfRecord(object, record));
  const belongsTo = records.flatMap((record) => belongingOf(record, operation.kind === 'create'));
  return {
    ...operation,
    uses: [...operation.uses, ...uses],
    ...(belongsTo.length === 0 ? {} : { belongsTo }),
  };
}

function usesOfRecord(object: string, record: JsonObject): FieldUse[] {
  refuseUnknown(record, RECORD_MEMBERS, 'a record');
  const properties = record['properties'] ?? {};
  if (!isJsonObject(properties)) return refuseBody('"properties" is not an object.');
  const written = Object.entries(properties).map(([field, value]): FieldUse => {
    if (typeof value === 'object' && value !== null)
      return refuseBody('a property holds an object or a list.');
    return propertyUse(object, field, 'write');
  });
  return [...lookupsOf(object, record), ...written];
}

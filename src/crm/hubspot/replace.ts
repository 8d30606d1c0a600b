import type { Operation } from '../../model/operation.ts';
import { queryParameter } from '../../model/request.ts';
import type { Replacer } from '../adapter-code.ts';
import { isJsonObject, type JsonObject } from '../json-body.ts';
import { namesIn } from '../parameters.ts';
import { replaceInBody, replaceInPath, type Substitution } from '../substitution.ts';
import { SUBSCRIBER_REPLACERS } from './replace-subscribers.ts';
import { fieldOfFilter, valuesOfFilter } from './search.ts';

/** Replaces values by the name of the operation. */
export const REPLACERS: Readonly<Record<string, Replacer>> = {
  search: onBody((search, object, substitution) => replaceInSearch(search, object, substitution)),
  export: onBody((body, object, substitution) => {
    const search = body['publicCrmSearchRequest'];
    if (!isJsonObject(search)) return body;
    return { ...body, publicCrmSearchRequest: replaceInSearch(search, object, substitution) };
  }),
  read: replaceId,
  owner: replaceId,
  create: onBody(replaceInInput),
  update: (operation, substitution) =>
    onBody(replaceInInput)(replaceId(operation, substitution), substitution),
  'gdpr-delete': onBody((body, object, substitution) =>
    replaceMember('objectId', body, body['idProperty'], object, substitution),
  ),
  'batch-read': (operation, substitution) =>
    operation.uses.some(({ equals }) => equals !== undefined)
      ? replaceInputs(operation, substitution)
      : operation,
  ...Object.fromEntries(
    ['create', 'update', 'upsert', 'archive'].map((name) => [
      `batch-${name}`,
      onBody((body, object, substitution) =>
        mapObjects(body, 'inputs', (input) => replaceInInput(input, object, substitution)),
      ),
    ]),
  ),
  ...SUBSCRIBER_REPLACERS,
};

/** In a batch that is read, `idProperty` stands beside the inputs. */
const replaceInputs = onBody((body, object, substitution) =>
  mapObjects(body, 'inputs', (input) => replaceMember('id', input, body['idProperty'], object, substitution)),
);

/** Makes the body another one, for the object that the operation is about. */
type Edit = (body: JsonObject, object: string, substitution: Substitution) => JsonObject;

function onBody(edit: Edit): Replacer {
  return (operation, substitution) =>
    replaceInBody(operation, substitution, (body) => edit(body, operation.objects[0] ?? '*', substitution));
}

/** The value in the path, where `idProperty` says whose it is. */
function replaceId(operation: Operation, substitution: Substitution): Operation {
  const [field, ...more] = namesIn(queryParameter(operation.request, 'idProperty') ?? '');
  if (field === undefined || more.length > 0) return operation;
  const objects = [operation.objects[0] ?? '*'];
  return replaceInPath(operation, substitution, operation.request.segments.length - 1, { objects, field });
}

function replaceInInput(input: JsonObject, object: string, substitution: Substitution): JsonObject {
  return replaceMember('id', input, input['idProperty'], object, substitution);
}

/** A member that holds a value of the property that `idProperty` names. */
function replaceMember(
  name: 'id' | 'objectId',
  body: JsonObject,
  idProperty: unknown,
  object: string,
  substitution: Substitution,
): JsonObject {
  const value = body[name];
  if (typeof idProperty !== 'string' || typeof value !== 'string' || value === '') return body;
  return { ...body, [name]: substitution.single({ objects: [object], field: idProperty }, value) };
}

function replaceInSearch(search: JsonObject, object: string, substitution: Substitution): JsonObject {
  const inFilters = (group: JsonObject): JsonObject =>
    mapObjects(group, 'filters', (filter) => replaceInFilter(filter, object, substitution));
  return mapObjects(inFilters(search), 'filterGroups', inFilters);
}

/**
 * EQ stays EQ for one alternative and becomes IN for several, NEQ becomes NOT_IN: their values must be in lower case.
 * @see https://developers.hubspot.com/docs/api-reference/crm-using-object-apis/search#filter-search-results
 */
function replaceInFilter(filter: JsonObject, object: string, substitution: Substitution): JsonObject {
  const values = valuesOfFilter(filter);
  if (values === undefined) return filter;
  const compared = fieldOfFilter(object, filter);
  const alternatives = values.map((value) => substitution.alternatives(compared, value));
  if (alternatives.every((found) => found === undefined)) return filter;
  const [[first, ...more] = []] = alternatives;
  const { value: _, operator, ...others } = filter;
  const isSingle = operator === 'EQ' || operator === 'NEQ';
  if (isSingle && more.length === 0) return { ...filter, value: first };
  const all = alternatives.flatMap(
    (found, index) => found?.map((text) => text.toLowerCase()) ?? values.slice(index, index + 1),
  );
  const isNegated = operator === 'NEQ' || operator === 'NOT_IN';
  return { ...others, operator: isNegated ? 'NOT_IN' : 'IN', values: [...new Set(all)] };
}

/** An object with the objects of one of its lists changed. */
function mapObjects(body: JsonObject, name: string, change: (item: JsonObject) => JsonObject): JsonObject {
  const list = body[name];
  if (!Array.isArray(list)) return body;
  return { ...body, [name]: list.map((item: unknown) => (isJsonObject(item) ? change(item) : item)) };
}

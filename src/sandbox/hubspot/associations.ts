import { isJsonObject, type Json, textOf } from '../wire/json.ts';
import { jsonAnswer, NO_CONTENT, type SandboxAnswer } from '../wire/message.ts';
import { noSuchRoute, objectNotFound } from './errors.ts';
import { bodyOf, everything, json } from './object-routes.ts';
import type { Call, Portal } from './portal.ts';
import { type TypeSchema, typeSchema } from './schema.ts';
import { recordJson } from './show.ts';

const TYPE_IDS: Readonly<Record<string, number>> = {
  'contacts companies': 279,
  'companies contacts': 280,
  'contacts deals': 4,
  'deals contacts': 3,
  'contacts tickets': 15,
  'tickets contacts': 16,
  'contacts notes': 201,
  'notes contacts': 202,
  'contacts calls': 193,
  'calls contacts': 194,
  'contacts emails': 197,
  'emails contacts': 198,
  'contacts meetings': 199,
  'meetings contacts': 200,
  'contacts tasks': 203,
  'tasks contacts': 204,
  'tickets notes': 227,
  'notes tickets': 228,
};

const typeIdOf = (from: TypeSchema, to: TypeSchema): number => TYPE_IDS[`${from.name} ${to.name}`] ?? 1;

function associationTypes(from: TypeSchema, to: TypeSchema): Json {
  return [{ category: 'HUBSPOT_DEFINED', typeId: typeIdOf(from, to), label: null }];
}

/** Absent from the results, a record with nothing associated is an error beside them. */
function nothingAssociated(from: TypeSchema, id: string, to: TypeSchema): Json {
  return {
    status: 'error',
    category: 'OBJECT_NOT_FOUND',
    subCategory: 'crm.associations.NO_ASSOCIATIONS_FOUND',
    message: `No ${to.singular} is associated with ${from.singular} ${id}.`,
    context: { fromObjectId: [id], fromObjectType: [from.singular], toObjectType: [to.singular] },
  };
}

function readMany(portal: Portal, from: TypeSchema, ids: readonly string[], to: TypeSchema): SandboxAnswer {
  const isLive = (id: string): boolean => portal.store.find(from, id, null) !== undefined;
  const found = ids.filter((id) => isLive(id) && portal.store.associated(from.name, id, to.name).length > 0);
  const results = found.map((id) => ({ from: { id }, to: targets(portal, from, id, to) }));
  const errors = ids.filter((id) => !found.includes(id)).map((id) => nothingAssociated(from, id, to));
  return batchOf(portal, results, errors.length === 0 ? 200 : 207, errors);
}

function targets(portal: Portal, from: TypeSchema, id: string, to: TypeSchema): Json {
  // On the wire the id is a number, though the vendor's specification says string.
  return portal.store
    .associated(from.name, id, to.name)
    .map((toId) => ({ toObjectId: Number(toId), associationTypes: associationTypes(from, to) }));
}

function defaultPair(from: TypeSchema, id: string, to: TypeSchema, toId: string): Json {
  const associationSpec = {
    associationCategory: 'HUBSPOT_DEFINED',
    associationTypeId: typeIdOf(from, to),
  };
  return { from: { id }, to: { id: toId }, associationSpec };
}

function labelledPair(from: TypeSchema, id: string, to: TypeSchema, toId: string) {
  return {
    fromObjectTypeId: from.typeId,
    fromObjectId: Number(id),
    toObjectTypeId: to.typeId,
    toObjectId: Number(toId),
    labels: [],
  };
}

function batchOf(portal: Portal, results: Json, status = 200, errors: readonly Json[] = []): SandboxAnswer {
  const at = new Date(portal.now()).toISOString();
  const failed = errors.length === 0 ? {} : { numErrors: errors.length, errors };
  return jsonAnswer(status, { status: 'COMPLETE', results, ...failed, startedAt: at, completedAt: at });
}

/** `/objects/{type}/{id}/associations/{toType}[/{toId}]` */
export function recordAssociations(portal: Portal, call: Call, from: TypeSchema): SandboxAnswer {
  const [, , id = '', , toName = '', ...rest] = call.rest;
  const isDefault = toName === 'default';
  const to = typeSchema(isDefault ? (rest[0] ?? '') : toName);
  const toId = isDefault ? rest[1] : rest[0];
  const record = portal.store.find(from, id, null);
  if (!to || !record) throw objectNotFound();
  const { method } = call.request;
  if (method === 'GET' && toId === undefined)
    return jsonAnswer(200, { results: targets(portal, from, id, to) });
  if (toId === undefined) throw noSuchRoute();
  if (method === 'DELETE') {
    portal.store.dissociate(from.name, id, to.name, toId);
    return NO_CONTENT;
  }
  if (method !== 'PUT') throw noSuchRoute();
  portal.store.associate(from.name, id, to.name, toId);
  if (isDefault) return batchOf(portal, [defaultPair(from, id, to, toId)]);
  // Version 3 ends in the association's type and answers the record.
  if (rest[1] !== undefined) return json(200, recordJson(portal.store, from, record, everything(from)));
  return jsonAnswer(201, labelledPair(from, id, to, toId));
}

const idIn = (end: Json | undefined): string => textOf(isJsonObject(end) ? end['id'] : undefined);

/**
 * `/associations/{from}/{to}/{labels,types}`, and POST `/batch/{read,create,archive,associate/default,labels/archive}`
 */
export function associationsAnswer(portal: Portal, call: Call): SandboxAnswer {
  const [, fromName = '', toName = '', ...action] = call.rest;
  const [from, to] = [typeSchema(fromName), typeSchema(toName)];
  if (!from || !to) throw noSuchRoute();
  if (call.request.method === 'GET' && (action[0] === 'labels' || action[0] === 'types'))
    return jsonAnswer(200, { results: associationTypes(from, to) });
  const { inputs } = bodyOf(call);
  const pairs = (Array.isArray(inputs) ? inputs.filter(isJsonObject) : []).flatMap((input) => {
    const ends: readonly Json[] = Array.isArray(input['to']) ? input['to'] : [input['to'] ?? null];
    return ends.map((end) => ({ id: idIn(input) || idIn(input['from']), toId: idIn(end) }));
  });
  switch (action.join('/')) {
    case 'batch/read':
      return readMany(
        portal,
        from,
        pairs.map(({ id }) => id),
        to,
      );
    case 'batch/create':
      for (const { id, toId } of pairs) portal.store.associate(from.name, id, to.name, toId);
      return batchOf(
        portal,
        pairs.map(({ id, toId }) => labelledPair(from, id, to, toId)),
        201,
      );
    case 'batch/associate/default':
      for (const { id, toId } of pairs) portal.store.associate(from.name, id, to.name, toId);
      return batchOf(
        portal,
        pairs.map(({ id, toId }) => defaultPair(from, id, to, toId)),
      );
    case 'batch/archive':
    case 'batch/labels/archive':
      for (const { id, toId } of pairs) portal.store.dissociate(from.name, id, to.name, toId);
      return NO_CONTENT;
    default:
      throw noSuchRoute();
  }
}

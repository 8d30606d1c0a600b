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
};

const typeIdOf = (from: TypeSchema, to: TypeSchema): number => TYPE_IDS[`${from.name} ${to.name}`] ?? 1;

function associationTypes(from: TypeSchema, to: TypeSchema): Json {
  return [{ category: 'HUBSPOT_DEFINED', typeId: typeIdOf(from, to), label: null }];
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

function batchOf(portal: Portal, results: Json, status = 200): SandboxAnswer {
  const at = new Date(portal.now()).toISOString();
  return jsonAnswer(status, { status: 'COMPLETE', results, startedAt: at, completedAt: at });
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
      return batchOf(
        portal,
        pairs.map(({ id }) => ({ from: { id }, to: targets(portal, from, id, to) })),
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

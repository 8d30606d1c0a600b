import { isJsonObject, type Json, textOf } from '../wire/json.ts';
import { jsonAnswer, NO_CONTENT, type SandboxAnswer } from '../wire/message.ts';
import { noSuchRoute, objectNotFound } from './errors.ts';
import { bodyOf } from './object-routes.ts';
import type { Call, Portal } from './portal.ts';
import { type TypeSchema, typeSchema } from './schema.ts';

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

function defaultAssociation(
  portal: Portal,
  from: TypeSchema,
  id: string,
  to: TypeSchema,
  toId: string,
): SandboxAnswer {
  const at = new Date(portal.now()).toISOString();
  const spec = { associationCategory: 'HUBSPOT_DEFINED', associationTypeId: typeIdOf(from, to) };
  const results = [{ from: { id }, to: { id: toId }, associationSpec: spec }];
  return jsonAnswer(200, { status: 'COMPLETE', results, startedAt: at, completedAt: at });
}

/** `/objects/{type}/{id}/associations/{toType}[/{toId}]` */
export function recordAssociations(portal: Portal, call: Call, from: TypeSchema): SandboxAnswer {
  const [, , id = '', , toName = '', ...rest] = call.rest;
  const isDefault = toName === 'default';
  const to = typeSchema(isDefault ? (rest[0] ?? '') : toName);
  const toId = isDefault ? rest[1] : rest[0];
  if (!to || !portal.store.find(from, id, null)) throw objectNotFound();
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
  if (isDefault) return defaultAssociation(portal, from, id, to, toId);
  return jsonAnswer(201, {
    fromObjectTypeId: from.typeId,
    fromObjectId: Number(id),
    toObjectTypeId: to.typeId,
    toObjectId: Number(toId),
    labels: [],
  });
}

/** POST `/associations/{from}/{to}/batch/read` */
export function batchAssociations(portal: Portal, call: Call): SandboxAnswer {
  const [, fromName = '', toName = '', batch, action] = call.rest;
  const [from, to] = [typeSchema(fromName), typeSchema(toName)];
  if (!from || !to || batch !== 'batch' || action !== 'read') throw noSuchRoute();
  const { inputs } = bodyOf(call);
  const ids = (Array.isArray(inputs) ? inputs.filter(isJsonObject) : []).map((input) => textOf(input['id']));
  const at = new Date(portal.now()).toISOString();
  const results = ids.map((id) => ({ from: { id }, to: targets(portal, from, id, to) }));
  return jsonAnswer(200, { status: 'COMPLETE', results, startedAt: at, completedAt: at });
}

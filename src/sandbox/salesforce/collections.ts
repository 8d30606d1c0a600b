import { isJsonObject, type Json, textOf } from '../wire/json.ts';
import { jsonAnswer, jsonBody, type SandboxAnswer, textAnswer } from '../wire/message.ts';
import { recordJson } from './cells.ts';
import { failure, malformedJson, methodNotAllowed, notFound } from './errors.ts';
import type { Call, Org, Route } from './org.ts';
import { type ObjectSchema, schemaOf, schemaOfId } from './schema.ts';
import { namedFields } from './sobject-routes.ts';
import { isRefused, type Saved } from './store.ts';

const RECORDS_MAX = 200;

function saveResult(saved: Saved): Json {
  if (!isRefused(saved)) return { id: saved.id, success: true, errors: [] };
  return { success: false, errors: [{ ...saved.error }] };
}

function typeOf(record: Json): ObjectSchema | undefined {
  const attributes = isJsonObject(record) ? record['attributes'] : undefined;
  const type = isJsonObject(attributes) ? attributes['type'] : undefined;
  return typeof type === 'string' ? schemaOf(type) : undefined;
}

const wrongType = (): Saved => ({
  error: {
    statusCode: 'INVALID_TYPE',
    message: 'Include an entity type for the record in attributes.type',
    fields: [],
  },
});

function save(org: Org, call: Call, record: Json): Saved {
  const schema = typeOf(record);
  if (!schema || !isJsonObject(record)) return wrongType();
  const id = record['Id'] ?? record['id'];
  if (call.request.method === 'POST') return org.store.create(schema, record, call.user.id);
  return org.store.update(schema, typeof id === 'string' ? id : '', record, call.user.id);
}

/** PATCH `/composite/sobjects/{Object}/{ExternalIdField}` */
function upsert(org: Org, call: Call, schema: ObjectSchema, fieldName: string, record: Json): Saved {
  const field = schema.byName.get(fieldName.toLowerCase());
  if (!field?.externalId || !isJsonObject(record)) return wrongType();
  const value = record[field.name];
  const [existing] = typeof value === 'string' ? org.store.find(schema.name, field.name, value) : [];
  return existing
    ? org.store.update(schema, textOf(existing['Id']), record, call.user.id)
    : org.store.create(schema, record, call.user.id);
}

/** POST or GET `/composite/sobjects/{Object}` with ids and fields: a read, answered as an array at the root. */
function readMany(
  org: Org,
  call: Call,
  schema: ObjectSchema,
  ids: readonly string[],
  fields: readonly string[],
): SandboxAnswer {
  const named = namedFields(schema, fields);
  const rows = ids.map((id) => {
    const record = org.store.get(id);
    return record && id.startsWith(schema.keyPrefix)
      ? recordJson(record, schema, call.version, named)
      : 'null';
  });
  return textAnswer(200, 'application/json;charset=UTF-8', `[${rows.join(',')}]`);
}

const texts = (value: Json | undefined): readonly string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];

function listParameter(call: Call, name: string): readonly string[] {
  return (call.request.query.get(name) ?? '').split(',').filter(Boolean);
}

function recordsOf(call: Call): readonly Json[] {
  const records = jsonBody(call.request)?.['records'];
  if (!Array.isArray(records)) throw malformedJson();
  if (records.length > RECORDS_MAX)
    throw failure(400, 'EXCEEDED_MAX_SIZE_REQUEST', `The number of records must not exceed ${RECORDS_MAX}`);
  return records;
}

/** `/composite/sobjects…`: up to 200 records a request. */
export function collectionRoutes(org: Org): { readonly collections: Route } {
  return {
    collections: (call) => {
      const [, , object, externalId] = call.rest;
      const { method } = call.request;
      if (object === undefined) {
        if (method === 'DELETE')
          return jsonAnswer(
            200,
            listParameter(call, 'ids').map((id) => saveResult(org.store.remove(id, call.user.id))),
          );
        if (method === 'POST' || method === 'PATCH')
          return jsonAnswer(
            200,
            recordsOf(call).map((record) => saveResult(save(org, call, record))),
          );
        throw methodNotAllowed(method);
      }
      const schema = schemaOf(object);
      if (!schema) throw notFound();
      if (externalId !== undefined && method === 'PATCH')
        return jsonAnswer(
          200,
          recordsOf(call).map((record) => {
            const saved = upsert(org, call, schema, externalId, record);
            const result = saveResult(saved);
            return isRefused(saved) || !isJsonObject(result) ? result : { ...result, created: saved.created };
          }),
        );
      if (method === 'POST') {
        const body = jsonBody(call.request);
        return readMany(org, call, schema, texts(body?.['ids']), texts(body?.['fields']));
      }
      if (method === 'GET')
        return readMany(org, call, schema, listParameter(call, 'ids'), listParameter(call, 'fields'));
      throw methodNotAllowed(method);
    },
  };
}

/** GET `/ui-api/records/{id}?fields=Contact.Name,…`: values as `{displayValue, value}`. */
export function uiRecord(org: Org, call: Call): SandboxAnswer {
  const id = call.rest[2] ?? '';
  const record = org.store.get(id);
  const schema = schemaOfId(id);
  if (call.rest[1] !== 'records' || !record || !schema) throw notFound();
  const names = listParameter(call, 'fields').map((name) => name.replace(/^\w+\./, ''));
  const fields = namedFields(schema, names).filter((field) => field.compound !== 'address');
  const members = fields.map(
    (field) => [field.name, { displayValue: null, value: record[field.name] ?? null }] as const,
  );
  return jsonAnswer(200, {
    apiName: schema.name,
    childRelationships: {},
    id,
    fields: Object.fromEntries(members),
  });
}

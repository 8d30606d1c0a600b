import { isJsonObject, type Json, textOf } from '../wire/json.ts';
import {
  AnswerError,
  jsonAnswer,
  jsonBody,
  NO_CONTENT,
  type SandboxAnswer,
  textAnswer,
} from '../wire/message.ts';
import { invalid, invalidJson, noSuchRoute, objectNotFound, problemBody } from './errors.ts';
import type { Call, Portal } from './portal.ts';
import type { HubspotRecord } from './record.ts';
import { TYPE_SCHEMAS, type TypeSchema } from './schema.ts';
import { searchRecords } from './search.ts';
import { recordJson, type Wanted, wantedOf } from './show.ts';
import { isProblem, type Written } from './store.ts';

const LIST_MAX = 100;
const SEARCH_MAX = 200;
/** The vendor's search ends after 10,000 records. */
const SEARCH_WINDOW = 10_000;

function orThrow(written: Written): { readonly record: HubspotRecord; readonly isNew: boolean } {
  if (isProblem(written))
    throw new AnswerError(jsonAnswer(written.problem.status, problemBody(written.problem)));
  return written;
}

export function bodyOf(call: Call): { readonly [name: string]: Json } {
  const body = jsonBody(call.request);
  if (!body) throw invalidJson();
  return body;
}

export const textList = (value: Json | undefined): readonly string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];

export const json = (status: number, body: string): SandboxAnswer =>
  textAnswer(status, 'application/json;charset=utf-8', body);

/** All properties of a type: what writes answer. */
export function everything(schema: TypeSchema): Wanted {
  return { properties: [...schema.properties.keys()], withHistory: [], associations: [] };
}

function limitOf(asked: string | number, max: number): number {
  const limit = Number(asked);
  if (!Number.isInteger(limit) || limit < 0) throw invalid('limit must be a number');
  if (limit > max) throw invalid(`limit must be at most ${max}`);
  return Math.max(1, limit);
}

function list(portal: Portal, call: Call, schema: TypeSchema): SandboxAnswer {
  const { query, path } = call.request;
  const limit = limitOf(query.get('limit') ?? portal.pageSize, LIST_MAX);
  const after = Number(query.get('after') ?? 0);
  const isArchived = query.get('archived') === 'true';
  const left = portal.store
    .records(schema)
    .filter((record) => (record.archivedAt !== undefined) === isArchived && Number(record.id) > after);
  const page = left.slice(0, limit);
  const wanted = wantedOf(query);
  const rows = page.map((record) => recordJson(portal.store, schema, record, wanted));
  const last = page.at(-1)?.id;
  if (left.length === page.length || last === undefined) return json(200, `{"results":[${rows.join(',')}]}`);
  const next = new URLSearchParams(query);
  next.set('after', last);
  const link = JSON.stringify(`${portal.publicUrl()}${path}?${next.toString()}`);
  return json(200, `{"results":[${rows.join(',')}],"paging":{"next":{"after":"${last}","link":${link}}}}`);
}

function search(portal: Portal, call: Call, schema: TypeSchema): SandboxAnswer {
  const body = bodyOf(call);
  const limit = limitOf(typeof body['limit'] === 'number' ? body['limit'] : portal.pageSize, SEARCH_MAX);
  const from = Number(
    typeof body['after'] === 'string' || typeof body['after'] === 'number' ? body['after'] : 0,
  );
  if (!Number.isInteger(from) || from + limit > SEARCH_WINDOW)
    throw invalid('Search results are limited to the first 10,000.');
  const found = searchRecords(portal.store, schema, body);
  const wanted: Wanted = { properties: textList(body['properties']), withHistory: [], associations: [] };
  const rows = found
    .slice(from, from + limit)
    .map((record) => recordJson(portal.store, schema, record, wanted));
  const paging = from + limit < found.length ? `,"paging":{"next":{"after":"${from + limit}"}}` : '';
  return json(200, `{"total":${found.length},"results":[${rows.join(',')}]${paging}}`);
}

/** `associations: [{to: {id}, types: [...]}]` of a creation; the other record's type is found by its id. */
function associate(portal: Portal, schema: TypeSchema, id: string, associations: Json | undefined): void {
  for (const item of Array.isArray(associations) ? associations.filter(isJsonObject) : []) {
    const to = isJsonObject(item['to']) ? textOf(item['to']['id']) : '';
    const type = TYPE_SCHEMAS.find((other) => portal.store.find(other, to, null));
    if (type) portal.store.associate(schema.name, id, type.name, to);
  }
}

export function createFrom(
  portal: Portal,
  schema: TypeSchema,
  input: { readonly [name: string]: Json },
): Written {
  const { properties } = input;
  const written = portal.store.create(schema, isJsonObject(properties) ? properties : {});
  if (!isProblem(written)) associate(portal, schema, written.record.id, input['associations']);
  return written;
}

function one(portal: Portal, call: Call, schema: TypeSchema, key: string): SandboxAnswer {
  const { method, query } = call.request;
  const record = portal.store.find(schema, key, query.get('idProperty'), query.get('archived') === 'true');
  if (method === 'DELETE') {
    if (record) portal.store.archive(schema, record);
    return NO_CONTENT;
  }
  if (!record) throw objectNotFound();
  if (method === 'GET') return json(200, recordJson(portal.store, schema, record, wantedOf(query)));
  if (method !== 'PATCH') throw noSuchRoute();
  const { properties } = bodyOf(call);
  if (!isJsonObject(properties) || Object.keys(properties).length === 0)
    throw invalid('No properties found to update, please provide at least one.');
  const updated = orThrow(portal.store.update(schema, record, properties));
  return json(200, recordJson(portal.store, schema, updated.record, everything(schema)));
}

/** `/merge`: the second record's values fill the first one's gaps, and its id stays known; then it is archived. */
function merge(portal: Portal, call: Call, schema: TypeSchema): SandboxAnswer {
  const body = bodyOf(call);
  const primary = portal.store.find(schema, textOf(body['primaryObjectId']), null);
  const other = portal.store.find(schema, textOf(body['objectIdToMerge']), null);
  if (!primary || !other) throw objectNotFound();
  portal.store.archive(schema, other);
  const gaps = Object.entries(other.properties).filter(
    ([name, value]) =>
      value !== null &&
      (primary.properties[name] ?? null) === null &&
      schema.properties.get(name)?.readOnly === false,
  );
  const changes = { ...Object.fromEntries(gaps), ...keptOf(schema, primary, other) };
  const { record } = orThrow(portal.store.update(schema, primary, changes));
  return json(200, recordJson(portal.store, schema, record, everything(schema)));
}

/** What a merged contact is still found by, with several values between semicolons. */
function keptOf(
  schema: TypeSchema,
  primary: HubspotRecord,
  other: HubspotRecord,
): Readonly<Record<string, string>> {
  const together = (name: string, added: string | null | undefined): Record<string, string> => {
    const values = [primary.properties[name], other.properties[name], added].filter(Boolean);
    return schema.properties.has(name) && values.length > 0 ? { [name]: values.join(';') } : {};
  };
  return {
    ...together('hs_merged_object_ids', other.id),
    ...together('hs_additional_emails', other.properties['email']),
  };
}

function gdprDelete(portal: Portal, call: Call, schema: TypeSchema): SandboxAnswer {
  const { objectId, idProperty } = bodyOf(call);
  const record = portal.store.find(
    schema,
    textOf(objectId),
    typeof idProperty === 'string' ? idProperty : null,
  );
  if (!record) throw objectNotFound();
  portal.store.erase(schema, record);
  return NO_CONTENT;
}

/** `/objects/{type}` and below, except batches and associations. */
export function objectAnswer(portal: Portal, call: Call, schema: TypeSchema): SandboxAnswer {
  const [, , key] = call.rest;
  const { method } = call.request;
  if (key === undefined) {
    if (method === 'GET') return list(portal, call, schema);
    if (method !== 'POST') throw noSuchRoute();
    const { record } = orThrow(createFrom(portal, schema, bodyOf(call)));
    return json(201, recordJson(portal.store, schema, record, everything(schema)));
  }
  if (method === 'POST') {
    if (key === 'search') return search(portal, call, schema);
    if (key === 'merge') return merge(portal, call, schema);
    if (key === 'gdpr-delete' && schema.name === 'contacts') return gdprDelete(portal, call, schema);
  }
  return one(portal, call, schema, key);
}

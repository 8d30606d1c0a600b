import { textOf } from '../wire/json.ts';
import { jsonAnswer, jsonBody, NO_CONTENT, type SandboxAnswer, textAnswer } from '../wire/message.ts';
import { parentOf, recordJson } from './cells.ts';
import { describeGlobal, describeObject, describeSummary } from './describe.ts';
import { failure, malformedJson, methodNotAllowed, noSuchRecord, notFound } from './errors.ts';
import type { Call, Org, Route } from './org.ts';
import { childrenOf, type FieldSchema, type ObjectSchema, schemaOf } from './schema.ts';
import type { SObject } from './sobject.ts';
import { isRefused, type Saved } from './store.ts';

/** A refused write of one record, as its own request answers it. */
function orThrow(saved: Saved): { readonly id: string; readonly created: boolean } {
  if (!isRefused(saved)) return saved;
  const { statusCode, message, fields } = saved.error;
  throw failure(statusCode === 'ENTITY_IS_DELETED' ? 404 : 400, statusCode, message, fields);
}

/** The fields a request names in `fields=`, or all. @throws AnswerError INVALID_FIELD */
export function namedFields(schema: ObjectSchema, names: readonly string[]): readonly FieldSchema[] {
  if (names.length === 0) return schema.fields;
  const named = names.map((name) => {
    const field = schema.byName.get(name.trim().toLowerCase());
    if (!field)
      throw failure(
        400,
        'INVALID_FIELD',
        `No such column '${name.trim()}' on sobject of type ${schema.name}`,
      );
    return field;
  });
  return [...new Set([...named, ...schema.fields.slice(0, 1)])];
}

const splitNames = (names: string | null): readonly string[] => (names ? names.split(',') : []);

function bodyOf(call: Call) {
  const body = jsonBody(call.request);
  if (!body) throw malformedJson();
  return body;
}

function validators(record: SObject): { readonly etag: string; readonly 'last-modified': string } {
  const modified = Date.parse(textOf(record['SystemModstamp']).replace('+0000', 'Z'));
  return {
    etag: `"${textOf(record['Id']).slice(10)}-${modified.toString(36)}"`,
    'last-modified': new Date(modified).toUTCString(),
  };
}

function showRecord(call: Call, schema: ObjectSchema, record: SObject): SandboxAnswer {
  const headers = validators(record);
  const { 'if-none-match': noneMatch, 'if-modified-since': since } = call.request.headers;
  const isFresh =
    noneMatch === undefined
      ? since !== undefined && Date.parse(headers['last-modified']) <= Date.parse(since)
      : noneMatch.split(',').some((tag) => tag.trim() === headers.etag);
  if (isFresh) return { status: 304, headers };
  const fields = namedFields(schema, splitNames(call.request.query.get('fields')));
  return textAnswer(
    200,
    'application/json;charset=UTF-8',
    recordJson(record, schema, call.version, fields),
    headers,
  );
}

function writeRecord(org: Org, call: Call, schema: ObjectSchema, record: SObject): SandboxAnswer {
  const id = textOf(record['Id']);
  const match = call.request.headers['if-match'];
  if (match !== undefined && match !== '*' && match !== validators(record).etag)
    throw failure(412, 'PRECONDITION_FAILED', 'The record has been modified since it was read.');
  if (call.request.method === 'DELETE') orThrow(org.store.remove(id, call.user.id));
  else orThrow(org.store.update(schema, id, bodyOf(call), call.user.id));
  return NO_CONTENT;
}

/** `/sobjects/{Object}/{ExternalIdField}/{value}`: read, upsert, delete by a unique value in the path. */
function byExternalId(
  org: Org,
  call: Call,
  schema: ObjectSchema,
  field: FieldSchema,
  value: string,
): SandboxAnswer {
  const [record, ...others] = org.store.find(schema.name, field.name, value);
  if (others.length > 0 && record)
    return jsonAnswer(
      300,
      [record, ...others].map(
        (twin) => `/services/data/${call.version}/sobjects/${schema.name}/${textOf(twin['Id'])}`,
      ),
    );
  switch (call.request.method) {
    case 'GET':
      if (!record) throw failure(404, 'NOT_FOUND', 'The requested resource does not exist');
      return showRecord(call, schema, record);
    case 'PATCH': {
      const values = { ...bodyOf(call), [field.name]: value };
      const saved = orThrow(
        record
          ? org.store.update(schema, textOf(record['Id']), values, call.user.id)
          : org.store.create(schema, values, call.user.id),
      );
      return jsonAnswer(saved.created ? 201 : 200, {
        id: saved.id,
        success: true,
        errors: [],
        created: saved.created,
      });
    }
    case 'DELETE':
      if (!record) throw noSuchRecord();
      return writeRecord(org, call, schema, record);
    default:
      throw methodNotAllowed(call.request.method);
  }
}

/** `/sobjects/{Object}/{id}/{Relationship}`: the parent, or the children as a query answers them. */
function relatedTo(org: Org, call: Call, schema: ObjectSchema, record: SObject, name: string): SandboxAnswer {
  const reference = schema.parents.get(name.toLowerCase());
  const names = splitNames(call.request.query.get('fields'));
  if (reference) {
    const parent = parentOf(org.store, record, {
      ...reference,
      referenceTo: reference.referenceTo.slice(-1),
    });
    const parentSchema = schemaOf(reference.referenceTo.at(-1) ?? '');
    if (!parent || !parentSchema) throw notFound();
    return textAnswer(
      200,
      'application/json;charset=UTF-8',
      recordJson(parent, parentSchema, call.version, namedFields(parentSchema, names)),
    );
  }
  const relationship = childrenOf(schema.name).find(
    (child) => child.name.toLowerCase() === name.toLowerCase(),
  );
  const childSchema = relationship && schemaOf(relationship.object);
  if (!relationship || !childSchema) throw notFound();
  const children = org.store.find(childSchema.name, relationship.field, textOf(record['Id']));
  const rows = children.map((child) =>
    recordJson(child, childSchema, call.version, namedFields(childSchema, names)),
  );
  return textAnswer(
    200,
    'application/json;charset=UTF-8',
    `{"totalSize":${rows.length},"done":true,"records":[${rows.join(',')}]}`,
  );
}

/** `/sobjects/{Object}/{id}/{BlobField}`: the bytes; anything else leads to related records. */
function partOf(org: Org, call: Call, schema: ObjectSchema, record: SObject, name: string): SandboxAnswer {
  const field = schema.byName.get(name.toLowerCase());
  if (field?.type !== 'base64') return relatedTo(org, call, schema, record, name);
  const contentType = textOf(record['ContentType']) || 'application/octetstream';
  return textAnswer(200, contentType, Buffer.from(textOf(record[field.name]), 'base64'));
}

function recentItems(org: Org, call: Call, schema: ObjectSchema): string {
  const nameField =
    schema.byName.get('name') ?? schema.byName.get('casenumber') ?? schema.byName.get('subject');
  const fields = schema.fields.slice(0, 1).concat(nameField ?? []);
  return org.store
    .all(schema.name)
    .filter((record) => record['IsDeleted'] !== true)
    .slice(0, 10)
    .map((record) => recordJson(record, schema, call.version, fields))
    .join(',');
}

function objectRoot(org: Org, call: Call, schema: ObjectSchema): SandboxAnswer {
  switch (call.request.method) {
    case 'GET': {
      const summary = JSON.stringify(describeSummary(schema, call.version));
      const body = `{"objectDescribe":${summary},"recentItems":[${recentItems(org, call, schema)}]}`;
      return textAnswer(200, 'application/json;charset=UTF-8', body);
    }
    case 'POST': {
      const saved = orThrow(org.store.create(schema, bodyOf(call), call.user.id));
      const location = `/services/data/${call.version}/sobjects/${schema.name}/${saved.id}`;
      return jsonAnswer(201, { id: saved.id, success: true, errors: [] }, { location });
    }
    default:
      throw methodNotAllowed(call.request.method);
  }
}

/** `/sobjects/{Object}/updated|deleted?start=&end=`: ids and dates only. */
function changedIds(org: Org, call: Call, schema: ObjectSchema, isDeleted: boolean): SandboxAnswer {
  const bound = (name: string, otherwise: number): number => {
    const ms = Date.parse((call.request.query.get(name) ?? '').replace(' ', '+'));
    return Number.isNaN(ms) ? otherwise : ms;
  };
  const [start, end] = [bound('start', 0), bound('end', org.now())];
  const records = org.store.all(schema.name).filter((record) => {
    const at = Date.parse(textOf(record['SystemModstamp']).replace('+0000', 'Z'));
    return record['IsDeleted'] === isDeleted && at >= start && at <= end;
  });
  const latest = new Date(end).toISOString().replace('Z', '+0000');
  if (!isDeleted)
    return jsonAnswer(200, { ids: records.map((record) => record['Id'] ?? null), latestDateCovered: latest });
  const deletedRecords = records.map((record) => ({
    id: record['Id'] ?? null,
    deletedDate: record['SystemModstamp'] ?? null,
  }));
  return jsonAnswer(200, {
    deletedRecords,
    earliestDateAvailable: new Date(start).toISOString().replace('Z', '+0000'),
    latestDateCovered: latest,
  });
}

/** How many records there are of each object asked for; unknown ones are left out, as Salesforce does. */
export function recordCounts(org: Org, call: Call): SandboxAnswer {
  const schemas = (call.request.query.get('sObjects') ?? 'Contact')
    .split(',')
    .flatMap((name) => schemaOf(name) ?? []);
  const sObjects = schemas.map(({ name }) => ({ name, count: org.store.all(name).length }));
  return jsonAnswer(200, { sObjects });
}

/** Everything under `/sobjects`, and `/recent`. */
export function sobjectRoutes(org: Org): { readonly sobjects: Route; readonly recent: Route } {
  return {
    sobjects: (call) => {
      const [, object, key, last] = call.rest;
      if (object === undefined) return jsonAnswer(200, describeGlobal(call.version));
      const schema = schemaOf(object);
      if (!schema) throw notFound();
      if (key === undefined) return objectRoot(org, call, schema);
      if (key === 'describe') return jsonAnswer(200, describeObject(schema, call.version));
      if (key === 'updated' || key === 'deleted') return changedIds(org, call, schema, key === 'deleted');
      const external = schema.byName.get(key.toLowerCase());
      if (external && last !== undefined) {
        if (!external.externalId && external.type !== 'id') throw noSuchRecord();
        return byExternalId(org, call, schema, external, last);
      }
      const record = org.store.get(key);
      if (!record || !key.startsWith(schema.keyPrefix))
        throw failure(404, 'NOT_FOUND', 'The requested resource does not exist');
      if (last !== undefined) return partOf(org, call, schema, record, last);
      return call.request.method === 'GET'
        ? showRecord(call, schema, record)
        : writeRecord(org, call, schema, record);
    },
    recent: (call) => {
      const schema = schemaOf('Contact');
      if (!schema) throw notFound();
      return textAnswer(200, 'application/json;charset=UTF-8', `[${recentItems(org, call, schema)}]`);
    },
  };
}

import { isJsonObject, type Json, textOf, writeJson } from '../wire/json.ts';
import { NO_CONTENT, type SandboxAnswer } from '../wire/message.ts';
import { invalid, noSuchRoute, problemBody } from './errors.ts';
import { bodyOf, createFrom, everything, json, textList } from './object-routes.ts';
import type { Call, Portal } from './portal.ts';
import type { HubspotRecord } from './record.ts';
import type { TypeSchema } from './schema.ts';
import { recordJson, type Wanted } from './show.ts';
import { isProblem, type Written } from './store.ts';

const INPUTS_MAX = 100;

interface Batch {
  readonly portal: Portal;
  readonly schema: TypeSchema;
  readonly body: { readonly [name: string]: Json };
  readonly inputs: readonly { readonly [name: string]: Json }[];
}

const idPropertyOf = (input: { readonly [name: string]: Json }): string | null =>
  typeof input['idProperty'] === 'string' ? input['idProperty'] : null;

function envelope(
  portal: Portal,
  status: number,
  rows: readonly string[],
  errors: readonly Json[],
): SandboxAnswer {
  const at = JSON.stringify(new Date(portal.now()).toISOString());
  const problems = errors.length === 0 ? '' : `,"numErrors":${errors.length},"errors":${writeJson(errors)}`;
  const body = `{"status":"COMPLETE","results":[${rows.join(',')}]${problems},"startedAt":${at},"completedAt":${at}}`;
  return json(errors.length === 0 ? status : 207, body);
}

const missing = (ids: readonly string[]): Json => ({
  ...problemBody({
    status: 404,
    category: 'OBJECT_NOT_FOUND',
    message: 'Could not get some objects, they may be deleted or not exist. Check that ids are valid.',
  }),
  context: { ids },
});

function read({ portal, schema, body, inputs }: Batch): SandboxAnswer {
  const wanted: Wanted = {
    properties: textList(body['properties']),
    withHistory: textList(body['propertiesWithHistory']),
    associations: [],
  };
  const idProperty = idPropertyOf(body);
  const looked = inputs.map((input) => {
    const id = textOf(input['id']);
    return { id, record: portal.store.find(schema, id, idProperty) };
  });
  const found = looked.flatMap(({ record }) => record ?? []);
  const lost = looked.filter(({ record }) => !record).map(({ id }) => id);
  const rows = found.map((record) => recordJson(portal.store, schema, record, wanted));
  return envelope(portal, 200, rows, lost.length === 0 ? [] : [missing(lost)]);
}

function show({ portal, schema }: Batch, record: HubspotRecord, extra = ''): string {
  return recordJson(portal.store, schema, record, everything(schema), extra);
}

function write(
  batch: Batch,
  status: number,
  apply: (input: { readonly [name: string]: Json }) => Written | undefined,
  marksNew: boolean,
): SandboxAnswer {
  const rows: string[] = [];
  const errors: Json[] = [];
  for (const input of batch.inputs) {
    const written = apply(input);
    if (!written) errors.push(missing([textOf(input['id'])]));
    else if (isProblem(written)) errors.push(problemBody(written.problem));
    else rows.push(show(batch, written.record, marksNew ? `,"new":${written.isNew}` : ''));
  }
  return envelope(batch.portal, status, rows, errors);
}

function update(batch: Batch): (input: { readonly [name: string]: Json }) => Written | undefined {
  const { portal, schema } = batch;
  return (input) => {
    const record = portal.store.find(schema, textOf(input['id']), idPropertyOf(input));
    const { properties } = input;
    return record && portal.store.update(schema, record, isJsonObject(properties) ? properties : {});
  };
}

function upsert(batch: Batch): (input: { readonly [name: string]: Json }) => Written {
  const { portal, schema } = batch;
  return (input) => {
    const idProperty = idPropertyOf(input);
    const id = textOf(input['id']);
    const record = portal.store.find(schema, id, idProperty);
    const properties = isJsonObject(input['properties']) ? input['properties'] : {};
    if (record) return portal.store.update(schema, record, properties);
    return portal.store.create(
      schema,
      idProperty === null ? properties : { [idProperty]: id, ...properties },
    );
  };
}

/** `/objects/{type}/batch/{read,create,update,upsert,archive}` */
export function batchAnswer(portal: Portal, call: Call, schema: TypeSchema): SandboxAnswer {
  const body = bodyOf(call);
  const inputs = Array.isArray(body['inputs']) ? body['inputs'].filter(isJsonObject) : [];
  if (inputs.length > INPUTS_MAX)
    throw invalid(`The maximum number of inputs supported in a batch request is ${INPUTS_MAX}`);
  const batch: Batch = { portal, schema, body, inputs };
  switch (call.request.method === 'POST' ? (call.rest[3] ?? '') : '') {
    case 'read':
      return read(batch);
    case 'create':
      return write(batch, 201, (input) => createFrom(portal, schema, input), false);
    case 'update':
      return write(batch, 200, update(batch), false);
    case 'upsert':
      return write(batch, 200, upsert(batch), true);
    case 'archive':
      for (const input of inputs) {
        const record = portal.store.find(schema, textOf(input['id']), null);
        if (record) portal.store.archive(schema, record);
      }
      return NO_CONTENT;
    default:
      throw noSuchRoute();
  }
}

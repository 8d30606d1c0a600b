import { PLAIN_CSV, writeCsv } from '../wire/csv.ts';
import { isJsonObject, type Json, textOf } from '../wire/json.ts';
import { jsonAnswer, type SandboxAnswer, textAnswer } from '../wire/message.ts';
import { invalid, noSuchRoute, objectNotFound } from './errors.ts';
import { bodyOf, textList } from './object-routes.ts';
import type { Call, Portal } from './portal.ts';
import { type TypeSchema, typeSchema } from './schema.ts';
import { searchRecords } from './search.ts';

interface Export {
  readonly id: string;
  readonly schema: TypeSchema;
  readonly csv: string;
  readonly createdAt: number;
  pollsLeft: number;
}

/** Exports remembered; older ones are forgotten. */
const EXPORTS_MAX = 50;

export interface Exports {
  /** `/exports/export/…` */
  readonly answer: (call: Call) => SandboxAnswer;
  /** `/export-files/{id}/{name}?signature=…`: whoever has the link has the file, as with the vendor. */
  readonly download: (call: Call) => SandboxAnswer;
}

function write(
  portal: Portal,
  schema: TypeSchema,
  properties: readonly string[],
  search: Json | undefined,
): string {
  const records = searchRecords(portal.store, schema, isJsonObject(search) ? search : {});
  const known = properties.filter((name) => schema.properties.has(name));
  const header = ['Record ID', ...known.map((name) => schema.properties.get(name)?.label ?? name)];
  return writeCsv(
    [header, ...records.map((record) => [record.id, ...known.map((name) => record.properties[name] ?? '')])],
    PLAIN_CSV,
  );
}

/** Asynchronous exports: a task, its status, and a file behind a signed link. */
export function portalExports(portal: Portal): Exports {
  const tasks = new Map<string, Export>();
  let serial = 4_000;
  const start = (call: Call): SandboxAnswer => {
    const body = bodyOf(call);
    const schema = typeSchema(textOf(body['objectType']));
    if (!schema) throw invalid('Unable to infer object type from the request.');
    if (body['format'] !== 'CSV') throw invalid('Only CSV is exported here.');
    serial += 1;
    const id = String(serial);
    const csv = write(portal, schema, textList(body['objectProperties']), body['publicCrmSearchRequest']);
    tasks.set(id, { id, schema, csv, createdAt: portal.now(), pollsLeft: portal.jobPolls });
    const [oldest] = tasks.keys();
    if (tasks.size > EXPORTS_MAX && oldest !== undefined) tasks.delete(oldest);
    return jsonAnswer(202, {
      id,
      links: { status: `${portal.publicUrl()}${call.request.path}/tasks/${id}/status` },
    });
  };
  const status = (task: Export): SandboxAnswer => {
    const at = new Date(task.createdAt).toISOString();
    if (task.pollsLeft > 0) {
      task.pollsLeft -= 1;
      return jsonAnswer(200, { status: 'PROCESSING', requestedAt: at, startedAt: at, completedAt: at });
    }
    const result = `${portal.publicUrl()}/export-files/${task.id}/${task.schema.name}.csv?signature=c2FuZGJveA`;
    return jsonAnswer(200, {
      status: 'COMPLETE',
      result,
      numErrors: 0,
      errors: [],
      requestedAt: at,
      startedAt: at,
      completedAt: at,
    });
  };
  const metadata = (task: Export): SandboxAnswer =>
    jsonAnswer(200, {
      id: task.id,
      createdAt: new Date(task.createdAt).toISOString(),
      updatedAt: new Date(task.createdAt).toISOString(),
      exportState: 'DONE',
      exportName: task.schema.name,
      objectType: task.schema.typeId,
      recordCount: task.csv.split('\n').length - 2,
    });
  const taskOf = (id: string | undefined): Export => {
    const task = tasks.get(id ?? '');
    if (!task) throw objectNotFound();
    return task;
  };
  return {
    answer: (call) => {
      const [, , first, second, third, fourth] = call.rest;
      const { method } = call.request;
      if (first === 'async' && second === undefined && method === 'POST') return start(call);
      if (method !== 'GET') throw noSuchRoute();
      if (first === 'async' && second === 'tasks' && fourth === 'status') return status(taskOf(third));
      return metadata(taskOf(first));
    },
    download: (call) => {
      const task = taskOf(call.request.segments[1]);
      if (call.request.query.get('signature') !== 'c2FuZGJveA') throw objectNotFound();
      return textAnswer(200, 'text/csv;charset=UTF-8', task.csv, {
        'content-disposition': `attachment; filename="${task.schema.name}.csv"`,
      });
    },
  };
}

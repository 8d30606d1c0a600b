import { readCsv, writeCsv } from '../wire/csv.ts';
import { textOf } from '../wire/json.ts';
import { jsonAnswer, jsonBody, NO_CONTENT, type SandboxAnswer, textAnswer } from '../wire/message.ts';
import { advance, dialectOf, type Job, jobInfo, jobList, jobRoute, newJob } from './bulk-jobs.ts';
import { failure, malformedJson, methodNotAllowed, notFound } from './errors.ts';
import type { Call, Org, Route } from './org.ts';
import { type ObjectSchema, schemaOf } from './schema.ts';
import { isRefused, type Saved } from './store.ts';

interface IngestJob extends Job {
  readonly schema: ObjectSchema;
  readonly externalId: string;
  readonly userId: string;
  header: readonly string[];
  rows: readonly (readonly string[])[];
  done: { readonly row: readonly string[]; readonly saved: Saved }[];
}

const OPERATIONS = ['insert', 'update', 'upsert', 'delete', 'hardDelete'];

function show(job: IngestJob): SandboxAnswer {
  return jsonAnswer(200, {
    ...jobInfo(job),
    ...(job.state === 'Open'
      ? { contentUrl: `services/data/${job.version}/jobs/ingest/${job.id}/batches` }
      : {}),
    ...(job.externalId === '' ? {} : { externalIdFieldName: job.externalId }),
    numberRecordsProcessed: job.done.length,
    numberRecordsFailed: job.done.filter(({ saved }) => isRefused(saved)).length,
  });
}

/** A cell that says `#N/A` sets null; an empty one leaves the field as it is. */
function valuesOf(job: IngestJob, row: readonly string[]): Record<string, string | null> {
  const cells = job.header.map((name, index) => [name, row[index] ?? ''] as const);
  return Object.fromEntries(
    cells.filter(([, cell]) => cell !== '').map(([name, cell]) => [name, cell === '#N/A' ? null : cell]),
  );
}

function apply(org: Org, job: IngestJob, row: readonly string[]): Saved {
  const values = valuesOf(job, row);
  const id = values['Id'] ?? values['id'] ?? '';
  switch (job.operation) {
    case 'insert':
      return org.store.create(job.schema, values, job.userId);
    case 'update':
      return org.store.update(job.schema, id, values, job.userId);
    case 'upsert': {
      const value = values[job.externalId];
      const [existing] = value ? org.store.find(job.schema.name, job.externalId, value) : [];
      return existing
        ? org.store.update(job.schema, textOf(existing['Id']), values, job.userId)
        : org.store.create(job.schema, values, job.userId);
    }
    default:
      return org.store.remove(id, job.userId);
  }
}

function resultsCsv(job: IngestJob, part: string): SandboxAnswer {
  const csv = (extra: readonly string[], rows: readonly (readonly string[])[]): SandboxAnswer =>
    textAnswer(200, 'text/csv;charset=UTF-8', writeCsv([[...extra, ...job.header], ...rows], dialectOf(job)));
  switch (part) {
    case 'successfulResults':
      return csv(
        ['sf__Id', 'sf__Created'],
        job.done.flatMap(({ row, saved }) =>
          isRefused(saved) ? [] : [[saved.id, String(saved.created), ...row]],
        ),
      );
    case 'failedResults':
      return csv(
        ['sf__Id', 'sf__Error'],
        job.done.flatMap(({ row, saved }) =>
          isRefused(saved)
            ? [
                [
                  '',
                  `${saved.error.statusCode}:${saved.error.message}:${saved.error.fields.join(' ')} --`,
                  ...row,
                ],
              ]
            : [],
        ),
      );
    case 'unprocessedrecords':
      return csv([], job.state === 'Aborted' ? job.rows : []);
    default:
      throw notFound();
  }
}

/** `/jobs/ingest`: Bulk API 2.0 writes. */
export function bulkIngestRoutes(org: Org): { readonly jobs: Route } {
  const jobs = jobList<IngestJob>();
  const create = (call: Call): SandboxAnswer => {
    const body = jsonBody(call.request);
    const schema = typeof body?.['object'] === 'string' ? schemaOf(body['object']) : undefined;
    if (!body || !schema)
      throw failure(400, 'INVALIDENTITY', 'InvalidEntity : Entity is not supported for bulk');
    const externalId = schema.byName.get(textOf(body['externalIdFieldName']).toLowerCase());
    const job: IngestJob = {
      ...newJob(call, body, {
        id: jobs.nextId(),
        object: schema.name,
        state: 'Open',
        pollsLeft: org.jobPolls,
        now: org.now(),
      }),
      schema,
      externalId: externalId?.name ?? '',
      userId: call.user.id,
      header: [],
      rows: [],
      done: [],
    };
    if (!OPERATIONS.includes(job.operation))
      throw failure(400, 'INVALIDJOB', 'InvalidJob : Unsupported operation');
    if (job.operation === 'upsert' && !externalId?.externalId)
      throw failure(400, 'INVALIDJOB', 'InvalidJob : External ID was blank for the upsert operation');
    jobs.add(job);
    return show(job);
  };
  const upload = (job: IngestJob, call: Call): SandboxAnswer => {
    if (job.state !== 'Open') throw failure(400, 'INVALIDJOBSTATE', 'InvalidJobState : The job is not open.');
    const [header = [], ...rows] = readCsv(
      call.request.body.toString('utf8').replace(/^\uFEFF/, ''),
      dialectOf(job).delimiter,
    );
    job.header = header;
    job.rows = rows;
    return { status: 201 };
  };
  const setState = (job: IngestJob, call: Call): SandboxAnswer => {
    const state = jsonBody(call.request)?.['state'];
    if (state !== 'UploadComplete' && state !== 'Aborted') throw malformedJson();
    job.state = state;
    return show(job);
  };
  return {
    jobs: jobRoute(jobs, create, (job, part, call) => {
      const { method } = call.request;
      if (part === 'batches' && method === 'PUT') return upload(job, call);
      if (part !== undefined) return resultsCsv(job, part);
      switch (method) {
        case 'GET':
          advance(job, () => {
            job.done = job.rows.map((row) => ({ row, saved: apply(org, job, row) }));
          });
          return show(job);
        case 'PATCH':
          return setState(job, call);
        case 'DELETE':
          jobs.remove(job.id);
          return NO_CONTENT;
        default:
          throw methodNotAllowed(method);
      }
    }),
  };
}

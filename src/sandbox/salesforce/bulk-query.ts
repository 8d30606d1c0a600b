import { writeCsv } from '../wire/csv.ts';
import { jsonAnswer, jsonBody, NO_CONTENT, type SandboxAnswer, textAnswer } from '../wire/message.ts';
import { advance, dialectOf, type Job, jobInfo, jobList, jobRoute, newJob } from './bulk-jobs.ts';
import { failure, malformedJson, methodNotAllowed, notFound } from './errors.ts';
import type { Call, Org, Route } from './org.ts';
import { type QueryResult, runSoql } from './soql/run.ts';

interface QueryJob extends Job {
  readonly result: QueryResult;
  readonly table: ReturnType<QueryResult['csv']>;
}

/** Rows of a result page when the client does not say. */
const RECORDS_PAGE = 50_000;

function show(job: QueryJob): SandboxAnswer {
  const isDone = job.state === 'JobComplete';
  return jsonAnswer(200, {
    ...jobInfo(job),
    ...(isDone ? { numberRecordsProcessed: job.result.rowCount, retries: 0, totalProcessingTime: 35 } : {}),
  });
}

/** The vendor's locators are opaque to clients; these hold the row to go on from. */
const locatorOf = (row: number): string => Buffer.from(`row:${row}`).toString('base64url');
const rowOf = (locator: string): number =>
  Number(/^row:(\d+)$/.exec(Buffer.from(locator, 'base64url').toString())?.[1] ?? Number.NaN);

function results(job: QueryJob, call: Call): SandboxAnswer {
  if (job.state !== 'JobComplete')
    throw failure(400, 'INVALIDJOBSTATE', 'Results are not available until the job is complete.');
  const locator = call.request.query.get('locator');
  const from = locator === null ? 0 : rowOf(locator);
  const { rowCount } = job.result;
  if (Number.isNaN(from) || (from > 0 && from >= rowCount))
    throw failure(400, 'INVALIDLOCATOR', 'Invalid locator.');
  const asked = Number(call.request.query.get('maxRecords') ?? RECORDS_PAGE);
  const until = Math.min(rowCount, from + Math.max(1, asked));
  const rows = Array.from({ length: until - from }, (_, index) => job.table.row(from + index));
  return textAnswer(200, 'text/csv;charset=UTF-8', writeCsv([job.table.header, ...rows], dialectOf(job)), {
    'sforce-locator': until < rowCount ? locatorOf(until) : 'null',
    'sforce-numberofrecords': String(rows.length),
  });
}

/** `/jobs/query`: Bulk API 2.0 queries. */
export function bulkQueryRoutes(org: Org): { readonly jobs: Route } {
  const jobs = jobList<QueryJob>();
  const create = (call: Call): SandboxAnswer => {
    const body = jsonBody(call.request);
    const query = body?.['query'];
    if (!body || typeof query !== 'string') throw malformedJson();
    const includeDeleted = body['operation'] === 'queryAll';
    const result = runSoql({ store: org.store, now: org.now(), includeDeleted }, query);
    const job = {
      ...newJob(call, body, {
        id: jobs.nextId(),
        object: result.object,
        state: 'UploadComplete',
        pollsLeft: org.jobPolls,
        now: org.now(),
      }),
      result,
      table: result.csv(),
    };
    jobs.add(job);
    return show(job);
  };
  return {
    jobs: jobRoute(jobs, create, (job, part, call) => {
      const { method } = call.request;
      if (part === 'results' && method === 'GET') return results(job, call);
      if (part !== undefined) throw notFound();
      if (method === 'DELETE') {
        jobs.remove(job.id);
        return NO_CONTENT;
      }
      if (method === 'PATCH') job.state = 'Aborted';
      else if (method === 'GET') advance(job, () => undefined);
      else throw methodNotAllowed(method);
      return show(job);
    }),
  };
}

import type { Operation } from '../../model/operation.ts';
import type { Narrowed, Narrowing, OperationRead } from '../adapter.ts';
import type { Recogniser, Replacer } from '../adapter-code.ts';
import type { OperationDescriptor } from '../descriptor.ts';
import type { SelectNode } from '../dialects/soql/reading.ts';
import { isJsonObject, parseJsonObject, refuseBody } from '../json-body.ts';
import { getRequest, pathOf, withJsonBody, withSegment } from '../request-edit.ts';
import { replaceInBody } from '../substitution.ts';
import {
  describedJob,
  type IngestJob,
  ingestJob,
  kindsOfJob,
  reachingUntold,
  resultsOf,
  uploadOf,
  usesOfUpload,
} from './ingest.ts';
import { queryMemory, queryText, type SalesforceQueries, unknownRecords } from './query.ts';
import * as shapes from './shapes.ts';

const JOBS = '/services/data/{version}/jobs';
/** Place of the job id in `/services/data/vNN.0/jobs/query/{job}/results`. */
const JOB_SEGMENT = 5;
const UPLOAD = 'bulk-ingest-upload';
const QUERY_MEMBERS = new Set(['operation', 'query', 'contentType', 'columnDelimiter', 'lineEnding']);
type BulkOperation = Pick<OperationDescriptor, 'name' | 'method' | 'answer'> &
  Partial<OperationDescriptor> & { readonly path: string };

/** @see https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/asynch_api_intro.htm */
export const BULK: readonly OperationDescriptor[] = [
  bulk({
    name: 'bulk-query-create',
    method: 'POST',
    path: '/query',
    body: { is: 'plain' },
    readsBody: true,
    code: 'bulkQueryCreate',
    answer: { format: 'json', root: shapes.BULK_JOB },
  }),
  bulk({
    name: 'bulk-ingest-create',
    method: 'POST',
    path: '/ingest',
    body: { is: 'plain' },
    readsBody: true,
    code: 'bulkIngestCreate',
    answer: { format: 'json', root: shapes.BULK_JOB },
  }),
  ...(['query', 'ingest'] as const).flatMap((kind) => [
    bulk({
      name: `bulk-${kind}-list`,
      method: 'GET',
      path: `/${kind}`,
      parameters: {
        isPkChunkingEnabled: 'harmless',
        jobType: 'harmless',
        concurrencyMode: 'harmless',
        queryLocator: 'harmless',
        locator: 'harmless',
      },
      answer: { format: 'json', root: shapes.BULK_JOBS },
    }),
    ...(['GET', 'PATCH', 'DELETE'] as const).map((method) =>
      bulk({
        name: `bulk-${kind}-${method === 'GET' ? 'status' : method === 'PATCH' ? 'state' : 'delete'}`,
        method,
        path: `/${kind}/{job}`,
        code: 'bulkJob',
        answer: { format: 'json', root: shapes.BULK_JOB },
      }),
    ),
  ]),
  bulk({
    name: 'bulk-query-results',
    method: 'GET',
    path: '/query/{job}/results',
    parameters: { locator: 'harmless', maxRecords: 'harmless' },
    code: 'bulkJob',
    answer: { format: 'csv' },
  }),
  bulk({
    name: 'bulk-query-result-pages',
    method: 'GET',
    path: '/query/{job}/resultPages',
    parameters: { locator: 'harmless', maxRecords: 'harmless' },
    code: 'bulkJob',
    answer: { format: 'json', root: shapes.BULK_RESULT_PAGES },
  }),
  bulk({
    name: UPLOAD,
    method: 'PUT',
    path: '/ingest/{job}/batches',
    code: 'bulkJob',
    answer: { format: 'plain' },
  }),
  ...(['successfulResults', 'failedResults', 'unprocessedrecords'] as const).map((results) =>
    bulk({
      name: `bulk-ingest-${results.toLowerCase()}`,
      method: 'GET',
      path: `/ingest/{job}/${results}`,
      code: 'bulkJob',
      answer: { format: 'csv' },
    }),
  ),
];

function bulk({ path, ...operation }: BulkOperation): OperationDescriptor {
  return { kind: 'bulk', ...operation, paths: [`${JOBS}${path}`] };
}

export function recogniseBulkQueryCreate(queries: SalesforceQueries): Recogniser {
  return ({ request, operation }) => {
    const job = parseJsonObject(request.body);
    if (Object.keys(job).some((name) => !QUERY_MEMBERS.has(name))) refuseBody('a member is not known.');
    if (job['operation'] !== 'query' && job['operation'] !== 'queryAll') return undefined;
    return { ...operation, ...queries.facts({ soql: queryText(job['query']) }) };
  };
}

export function narrowBulkQueryCreate(queries: SalesforceQueries) {
  return (operation: Operation, narrowing: Narrowing): Narrowed => {
    const { request } = operation;
    const job = parseJsonObject(request.body);
    return queries.narrow(operation, narrowing, {
      soql: queryText(job['query']),
      send: (query) => withJsonBody(request, { ...job, query }),
    });
  };
}

export function replaceBulkQueryCreate(queries: SalesforceQueries): Replacer {
  return (operation, substitution) =>
    replaceInBody(operation, substitution, (body) => ({
      ...body,
      query: queries.replace(queryText(body['query']), substitution),
    }));
}

/** Every operation on a job: its sealed id tells what the job reads or writes. */
export function recogniseBulkJob(queries: SalesforceQueries): Recogniser {
  return ({ request, captures, open, operation }) => {
    const opened = open(captures.get('job') ?? '');
    if (opened === undefined) return unknownRecords(operation);
    const sent = withSegment(request, JOB_SEGMENT, opened.locator);
    const memory = queryMemory(opened.continuation);
    if (memory !== undefined) {
      const { query, reading } = queries.read(memory.soql);
      const { object, root } = reading;
      const read = {
        ...operation,
        ...queries.facts(memory),
        request: sent,
      };
      // A computed value has a column whose name is not in the query.
      const isWhole = query.fields?.length === root.selected.length;
      return withColumns(read, { object, columns: columnsOf(root), isWhole });
    }
    const job = ingestJob(opened.continuation);
    if (job === undefined) return unknownRecords(operation);
    const onJob: Operation = { ...operation, request: sent, continuation: opened.continuation };
    if (operation.route === UPLOAD) return uploading(onJob, job, opened.locator);
    const areRefused = RESULTS.get(operation.route);
    const read: Operation = {
      ...onJob,
      objects: [job.object],
      uses: [{ object: job.object, field: '*', position: 'select' }],
      ...(areRefused !== undefined && { results: resultsOf(job, opened.locator, areRefused) }),
    };
    return withColumns(read, { object: job.object, columns: {} });
  };
}

function uploading(operation: Operation, job: IngestJob, id: string): Operation {
  const upload: Operation = {
    ...operation,
    objects: [job.object],
    uses: usesOfUpload(job),
    body: uploadOf(job, id),
    otherKinds: kindsOfJob(job),
  };
  return reachingUntold(upload, job);
}

/**
 * An upload to a job whose id Privet has not sealed: whoever sees everything in clear gets ids as they are, and jobs are
 * created elsewhere, too. Salesforce tells what the job does.
 * @see https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/get_job_info.htm
 */
export function readUploadedJob(operation: Operation): OperationRead | undefined {
  if (operation.route !== UPLOAD || operation.body.format === 'csv') return undefined;
  const { segments } = operation.request;
  return {
    request: getRequest(pathOf(segments.slice(0, JOB_SEGMENT + 1))),
    operation: (body) => {
      const job = isJsonObject(body) ? describedJob(body) : undefined;
      return job && uploading(operation, job, segments[JOB_SEGMENT] ?? '');
    },
  };
}

/** Results by name, with whether their rows were refused. Unprocessed rows are not: the job was aborted, or goes on. */
const RESULTS: ReadonlyMap<string, boolean> = new Map([
  ['bulk-ingest-successfulresults', false],
  ['bulk-ingest-failedresults', true],
]);

type Columns = Record<string, { object: string; field: string }>;

/** Columns of a CSV result are the selected paths. */
function columnsOf({ selected }: SelectNode): Columns {
  return Object.fromEntries(
    selected.map(({ path, field, objects: [object = '*', ...more] }) => [
      [...path, field].join('.').toLowerCase(),
      { object: more.length === 0 ? object : '*', field },
    ]),
  );
}

function withColumns(
  operation: Operation,
  table: { readonly object: string; readonly columns: Columns; readonly isWhole?: boolean },
): Operation {
  const { answer } = operation;
  return answer.format === 'csv' ? { ...operation, answer: { ...answer, ...table } } : operation;
}

import type { CsvDialect } from '../wire/csv.ts';
import type { Json } from '../wire/json.ts';
import { jsonAnswer, type SandboxAnswer } from '../wire/message.ts';
import { failure } from './errors.ts';
import { recordId } from './ids.ts';
import type { Call, Route } from './org.ts';
import { datetimeText } from './store.ts';

export type JobState = 'Open' | 'UploadComplete' | 'InProgress' | 'Aborted' | 'JobComplete' | 'Failed';

/** What query and ingest jobs have in common. */
export interface Job {
  readonly id: string;
  readonly operation: string;
  readonly object: string;
  readonly createdById: string;
  readonly createdDate: string;
  readonly version: string;
  readonly delimiterName: string;
  readonly lineEnding: string;
  state: JobState;
  /** Status requests until it is done. */
  pollsLeft: number;
}

const DELIMITERS: Readonly<Record<string, string>> = {
  COMMA: ',',
  SEMICOLON: ';',
  TAB: '\t',
  PIPE: '|',
  CARET: '^',
  BACKQUOTE: '`',
};
/** Jobs remembered; older ones are forgotten. */
const JOBS_MAX = 100;

export interface JobList<J extends Job> {
  readonly nextId: () => string;
  readonly add: (job: J) => void;
  /** A job by id. @throws AnswerError NOT_FOUND */
  readonly require: (id: string | undefined) => J;
  readonly remove: (id: string) => void;
  readonly all: () => readonly J[];
}

export function jobList<J extends Job>(): JobList<J> {
  const jobs = new Map<string, J>();
  let serial = 0;
  return {
    nextId: () => {
      serial += 1;
      return recordId('750', serial);
    },
    add: (job) => {
      jobs.set(job.id, job);
      const [oldest] = jobs.keys();
      if (jobs.size > JOBS_MAX && oldest !== undefined) jobs.delete(oldest);
    },
    require: (id) => {
      const job = jobs.get(id ?? '');
      if (!job) throw failure(404, 'NOT_FOUND', 'The requested resource does not exist');
      return job;
    },
    remove: (id) => {
      jobs.delete(id);
    },
    all: () => [...jobs.values()],
  };
}

/** A resource of jobs: makes one, lists all, and leaves it to `one` what is asked of one or of a part of it. */
export function jobRoute<J extends Job>(
  jobs: JobList<J>,
  create: (call: Call) => SandboxAnswer,
  one: (job: J, part: string | undefined, call: Call) => SandboxAnswer,
): Route {
  return (call) => {
    const [, , id, part] = call.rest;
    if (id !== undefined) return one(jobs.require(id), part, call);
    if (call.request.method === 'POST') return create(call);
    return jsonAnswer(200, { done: true, records: jobs.all().map(jobInfo), nextRecordsUrl: null });
  };
}

const text = (value: Json | undefined, otherwise: string): string =>
  typeof value === 'string' ? value : otherwise;

/** A job from the body of its creation. @throws AnswerError INVALIDJOB */
export function newJob(
  { user, version }: Call,
  body: { readonly [name: string]: Json },
  given: Pick<Job, 'id' | 'object' | 'state' | 'pollsLeft'> & { readonly now: number },
): Job {
  const { now, ...job } = given;
  const delimiterName = text(body['columnDelimiter'], 'COMMA');
  if (!DELIMITERS[delimiterName])
    throw failure(400, 'INVALIDJOB', `InvalidJob : Unsupported columnDelimiter ${delimiterName}`);
  return {
    ...job,
    operation: text(body['operation'], ''),
    createdById: user.id,
    createdDate: datetimeText(now),
    version,
    delimiterName,
    lineEnding: text(body['lineEnding'], 'LF'),
  };
}

export function dialectOf(job: Job): CsvDialect {
  return {
    delimiter: DELIMITERS[job.delimiterName] ?? ',',
    lineEnd: job.lineEnding === 'CRLF' ? '\r\n' : '\n',
  };
}

export function jobInfo(job: Job): { readonly [name: string]: Json } {
  return {
    id: job.id,
    operation: job.operation,
    object: job.object,
    createdById: job.createdById,
    createdDate: job.createdDate,
    systemModstamp: job.createdDate,
    state: job.state,
    concurrencyMode: 'Parallel',
    contentType: 'CSV',
    apiVersion: Number(job.version.slice(1)),
    lineEnding: job.lineEnding,
    columnDelimiter: job.delimiterName,
  };
}

/** One status request nearer to its end. @param finish runs once, when the job is done */
export function advance(job: Job, finish: () => void): void {
  if (job.state !== 'UploadComplete' && job.state !== 'InProgress') return;
  if (job.pollsLeft > 0) {
    job.pollsLeft -= 1;
    job.state = 'InProgress';
    return;
  }
  finish();
  job.state = 'JobComplete';
}

import type { CsvBody, FieldUse, Operation, OperationKind, UploadResults } from '../../model/operation.ts';
import type { Recogniser } from '../adapter-code.ts';
import { isJsonObject, type JsonObject, parseJsonObject, refuseBody } from '../json-body.ts';
import { UNTOLD } from '../recipients.ts';
import { words } from '../words.ts';
import { canonicalObject, objectNamed, SALESFORCE_SCHEMA } from './objects.ts';
import { isPrimaryContact } from './primary-contact.ts';
import { audienceIn, maySend } from './sends.ts';

const MEMBERS = new Set(
  words('object operation externalIdFieldName contentType columnDelimiter lineEnding assignmentRuleId'),
);
/** What a job does → what policies call it. */
const KINDS: ReadonlyMap<unknown, readonly OperationKind[]> = new Map([
  ['insert', ['create']],
  ['update', ['update']],
  ['upsert', ['create', 'update']],
  ['delete', ['delete']],
  ['hardDelete', ['delete']],
] as const);
/** @see https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/create_job.htm */
const DELIMITERS: ReadonlyMap<unknown, CsvBody['delimiter']> = new Map([
  [undefined, ','],
  ['BACKQUOTE', '`'],
  ['CARET', '^'],
  ['COMMA', ','],
  ['PIPE', '|'],
  ['SEMICOLON', ';'],
  ['TAB', '\t'],
]);

/** What every operation on an ingest job needs to know about it. */
export interface IngestJob {
  readonly object: string;
  /** What it does with its rows; one of `KINDS`. */
  readonly does: string;
  /** Field by which an upsert finds records. */
  readonly lookup?: string;
  readonly delimiter: CsvBody['delimiter'];
  /** Its rows send something to people, who are not known before the rows stream by. */
  readonly sends?: true;
  /** A row that names no record creates one. */
  readonly creates?: true;
}

export const recogniseBulkIngestCreate: Recogniser = ({ request, operation }) => {
  const body = parseJsonObject(request.body);
  if (Object.keys(body).some((name) => !MEMBERS.has(name))) refuseBody('a member is not known.');
  const job = describedJob(body);
  if (job === undefined) return undefined;
  return reachingUntold(
    {
      ...operation,
      otherKinds: kindsOfJob(job),
      objects: [job.object],
      uses: usesOfUpload(job),
      continuation: JSON.stringify(job),
    },
    job,
  );
};

/** A job as whoever creates it describes it, and as Salesforce does afterwards; undefined when it is none. */
export function describedJob(description: JsonObject): IngestJob | undefined {
  const { object: name, operation: does, externalIdFieldName, columnDelimiter } = description;
  const lookup = externalIdFieldName ?? undefined;
  const delimiter = DELIMITERS.get(columnDelimiter);
  const object = typeof name === 'string' ? objectNamed(name) : undefined;
  if (object === undefined || typeof does !== 'string' || !KINDS.has(does)) return undefined;
  if ((lookup !== undefined && typeof lookup !== 'string') || delimiter === undefined) return undefined;
  return {
    object,
    does,
    ...(lookup !== undefined && { lookup }),
    delimiter,
    ...(maySend(object) && KINDS.get(does)?.includes('delete') === false && { sends: true }),
    ...((does === 'insert' || (does === 'upsert' && lookup?.toLowerCase() === 'id')) && { creates: true }),
  };
}

/** What its rows do, apart from being an upload. */
export function kindsOfJob({ does }: Pick<IngestJob, 'does'>): readonly OperationKind[] {
  return KINDS.get(does) ?? [];
}

/** A job whose rows reach people is a send as well, both when it is created and when rows are uploaded. */
export function reachingUntold(operation: Operation, { sends }: IngestJob): Operation {
  if (sends === undefined) return operation;
  return { ...operation, otherKinds: [...(operation.otherKinds ?? []), 'send'], recipients: UNTOLD };
}

/** What an upload does, as far as the job tells; its columns tell the rest. */
export function usesOfUpload({ object, lookup }: IngestJob): FieldUse[] {
  const written: FieldUse = { object, field: '*', position: 'write' };
  if (lookup === undefined) return [written];
  return [written, { object, field: lookup, position: 'lookup', equals: [] }];
}

/** What `continuation` remembers; undefined when it is no ingest job. */
export function ingestJob(continuation: string): IngestJob | undefined {
  const memory: unknown = JSON.parse(continuation);
  if (!isJsonObject(memory)) return undefined;
  const { object, does, lookup, delimiter, sends, creates } = memory;
  const known = [...DELIMITERS.values()].find((one) => one === delimiter);
  if (typeof object !== 'string' || typeof does !== 'string' || known === undefined) return undefined;
  if (!KINDS.has(does)) return undefined;
  return {
    object,
    does,
    ...(typeof lookup === 'string' && { lookup }),
    delimiter: known,
    ...(sends === true && { sends }),
    ...(creates === true && { creates }),
  };
}

/**
 * The file that is uploaded to a job. `#N/A` sets a field to null.
 * @see https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/datafiles_csv_preparing.htm
 */
export function uploadOf(job: Omit<IngestJob, 'does'>, id: string): CsvBody {
  return {
    format: 'csv',
    object: job.object,
    job: id,
    columns: (header) => usesOfColumn(job, header),
    delimiter: job.delimiter,
    nullText: '#N/A',
    ...(job.creates && { creates: job.creates }),
    belongsTo: (header) => (isPrimaryContact(job.object, header) ? 'Contact' : undefined),
    ...(job.sends && job.object === 'CampaignMember' && { audience: audienceIn }),
  };
}

/** Columns of results that are not those of the upload. */
export const RESULT_COLUMNS = {
  sf__id: { is: 'plain' },
  sf__created: { is: 'plain' },
  sf__error: { is: 'text' },
} as const;

/** Results repeat the rows of the upload after `sf__Id` and what became of them. */
export function resultsOf(job: IngestJob, id: string, areRefused: boolean): UploadResults {
  return { upload: uploadOf(job, id), idColumn: 'sf__Id', areRefused };
}

/**
 * A header is a field, or names a related record by one of its fields: `ReportsTo.Email`, `Lead:Who.Email`.
 * @see
 * https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/datafiles_csv_rel_field_header_row.htm
 */
function usesOfColumn(
  { object, lookup }: Pick<IngestJob, 'object' | 'lookup'>,
  header: string,
): FieldUse[] | undefined {
  const [, type, relationship, field] =
    /^(?:(?:([A-Za-z]\w*):)?([A-Za-z]\w*)\.)?([A-Za-z]\w*)$/.exec(header) ?? [];
  if (field === undefined) return undefined;
  if (relationship !== undefined) {
    const objects =
      type === undefined ? SALESFORCE_SCHEMA.parent(object, relationship) : [canonicalObject(type)];
    return objects.map((found) => ({ object: found, field, position: 'lookup' }));
  }
  const written: FieldUse = { object, field, position: 'write' };
  return field.toLowerCase() === lookup?.toLowerCase()
    ? [written, { ...written, position: 'lookup' }]
    : [written];
}

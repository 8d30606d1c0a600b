import type { ObjectShape, RecordShape, Shape } from '../../model/shape.ts';

const PLAIN: Shape = { is: 'plain' };
const TEXT: Shape = { is: 'text' };
const WRITTEN_ATTRIBUTES: Shape = { is: 'object', members: { type: { is: 'type' } }, others: PLAIN };
/** The URL tells the record, and its object where the type is a stand-in. */
const ATTRIBUTES: Shape = {
  is: 'object',
  members: { type: { is: 'type' }, url: { is: 'id' } },
  others: PLAIN,
};

/**
 * A record in answers: it names its own type, and related records stand among its fields (a parent as a record,
 * children as a query result of their own). Compound values such as addresses look alike but name no type, so they are
 * values.
 */
export const RECORD: RecordShape = {
  is: 'record',
  members: { attributes: ATTRIBUTES },
  others: 'field',
  get nested(): Shape {
    return RELATED;
  },
};

const RELATED: RecordShape = {
  is: 'record',
  members: {
    attributes: ATTRIBUTES,
    totalSize: { is: 'count' },
    done: PLAIN,
    records: { is: 'array', items: RECORD },
    nextRecordsUrl: { is: 'locator' },
  },
  others: 'field',
  get nested(): Shape {
    return RELATED;
  },
};

/** Answer to a query, and to its follow-up pages. */
export const QUERY_RESULT: Shape = {
  is: 'object',
  members: {
    totalSize: { is: 'count' },
    done: PLAIN,
    records: { is: 'array', items: RECORD },
    nextRecordsUrl: { is: 'locator' },
  },
  others: TEXT,
};

export const RECORDS: Shape = { is: 'array', items: RECORD };

/** The body of a create or update, whose object the path names. */
export function writtenRecord(object: string): Shape {
  return { is: 'record', object, members: { attributes: PLAIN }, others: 'field' };
}

/** Salesforce ignores the case of names: every spelling of `Id` names the record that is written. */
const WRITTEN_ID = Object.fromEntries(
  ['Id', 'id', 'ID', 'iD'].map((name): [string, Shape] => [name, { is: 'id' }]),
);

/** The body of a write of several records, which name their own types and ids. */
export const WRITTEN_RECORDS: Shape = {
  is: 'object',
  members: {
    allOrNone: PLAIN,
    records: {
      is: 'array',
      items: { is: 'record', members: { attributes: WRITTEN_ATTRIBUTES, ...WRITTEN_ID }, others: 'field' },
    },
  },
  others: PLAIN,
};

/** Records that a duplicate rule has found: whole records inside an error. */
const DUPLICATES: Shape = within(
  'matchResults',
  within('matchRecords', { is: 'object', members: { record: RECORD }, others: TEXT }),
);

function within(member: string, items: Shape): ObjectShape {
  return { is: 'object', members: { [member]: { is: 'array', items } }, others: TEXT };
}

/** Error bodies echo values in their messages. Salesforce does spell the member `duplicateResut` in some versions. */
export const ERRORS: Shape = {
  is: 'array',
  items: {
    is: 'object',
    members: {
      errorCode: PLAIN,
      statusCode: PLAIN,
      fields: PLAIN,
      duplicateResult: DUPLICATES,
      duplicateResut: DUPLICATES,
    },
    others: TEXT,
  },
};

const SAVED: ObjectShape = {
  is: 'object',
  members: { id: PLAIN, success: PLAIN, created: PLAIN, errors: ERRORS },
  others: TEXT,
};

/** Answer to a write: ids, and errors that echo values. */
export const SAVE_RESULT: Shape = SAVED;
export const SAVE_RESULTS: Shape = { is: 'array', items: SAVED };

/** Answer of an action, one for each of its inputs: errors echo values. */
export const ACTION_RESULTS: Shape = {
  is: 'array',
  items: {
    is: 'object',
    members: {
      actionName: PLAIN,
      isSuccess: PLAIN,
      invocationId: PLAIN,
      sortOrder: PLAIN,
      version: PLAIN,
      errors: ERRORS,
    },
    others: TEXT,
  },
};

/** A bulk job. Its id leads to its results, which do not tell what was asked for. */
const JOB: ObjectShape = {
  is: 'object',
  members: {
    id: { is: 'locator' },
    contentUrl: { is: 'locator' },
    numberRecordsProcessed: { is: 'count' },
    errorMessage: TEXT,
  },
  others: PLAIN,
};
export const BULK_JOB: Shape = JOB;

/** A list of bulk jobs of all users: their ids stay the CRM's own. */
export const BULK_JOBS: Shape = {
  is: 'object',
  members: {
    records: {
      is: 'array',
      items: {
        is: 'object',
        members: { numberRecordsProcessed: { is: 'count' }, errorMessage: TEXT },
        others: PLAIN,
      },
    },
  },
  others: PLAIN,
};

export const BULK_RESULT_PAGES: Shape = {
  is: 'object',
  members: {
    resultPages: {
      is: 'array',
      items: { is: 'object', members: { resultUrl: { is: 'locator' } }, others: PLAIN },
    },
  },
  others: PLAIN,
};

/** `/sobjects/{object}` shows records that were viewed recently beside the metadata. */
export const DESCRIBED_WITH_RECENT: Shape = {
  is: 'object',
  members: { recentItems: RECORDS },
  others: PLAIN,
};

/** Answer that tells which records were deleted: by their ids alone. */
export function deletedRecords(object: string): Shape {
  const items: Shape = {
    is: 'record',
    object,
    members: { id: { is: 'id' }, deletedDate: PLAIN },
    others: 'field',
  };
  return { is: 'object', members: { deletedRecords: { is: 'array', items } }, others: PLAIN };
}

const URLS: Shape = { is: 'object', members: {}, others: { is: 'url' } };

/**
 * Token, user info and identity answers: what they say about the caller is the caller's own; their URLs lead past the
 * proxy.
 */
export const IDENTITY: Shape = {
  is: 'object',
  members: {
    id: { is: 'url' },
    instance_url: { is: 'url' },
    sfdc_community_url: { is: 'url' },
    profile: { is: 'url' },
    picture: { is: 'url' },
    sub: { is: 'url' },
    urls: URLS,
    photos: URLS,
  },
  others: PLAIN,
};

export const VERSION_ROOT: Shape = { is: 'object', members: { identity: { is: 'url' } }, others: PLAIN };

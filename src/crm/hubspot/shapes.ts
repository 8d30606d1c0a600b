import type { ObjectShape, RecordShape, Shape } from '../../model/shape.ts';
import { OBJECT_NAMES } from './objects.ts';

const PLAIN: Shape = { is: 'plain' };
const TEXT: Shape = { is: 'text' };
const URLS: Shape = { is: 'object', members: {}, others: { is: 'url' } };
const PAGE: Shape = { is: 'object', members: { link: { is: 'url' } }, others: PLAIN };
const PAGING: Shape = { is: 'object', members: { next: PAGE, prev: PAGE }, others: PLAIN };
/** Ids of associated records per object, with pages of their own. Of custom objects the name does not tell which they are. */
const ASSOCIATIONS: Shape = {
  is: 'object',
  members: Object.fromEntries(OBJECT_NAMES.map((object) => [object, associatedTo({ object })])),
  others: associatedTo({}),
};

function associatedTo(of: Pick<RecordShape, 'object'>): Shape {
  const one: Shape = { is: 'record', ...of, members: { id: { is: 'id' }, type: PLAIN }, others: TEXT };
  return { is: 'object', members: { results: { is: 'array', items: one }, paging: PAGING }, others: TEXT };
}

/** A CRM object: its fields stand under `properties`, and older values of them under `propertiesWithHistory`. */
export function record(object: string): RecordShape {
  return {
    is: 'record',
    object,
    members: {
      id: { is: 'id' },
      properties: { is: 'fields' },
      propertiesWithHistory: { is: 'fields' },
      associations: ASSOCIATIONS,
      createdAt: PLAIN,
      updatedAt: PLAIN,
      archived: PLAIN,
      archivedAt: PLAIN,
      new: PLAIN,
      url: PLAIN,
      objectWriteTraceId: PLAIN,
    },
    others: TEXT,
  };
}

/** Answer of lists and searches. */
export function page(object: string): Shape {
  return pageOf(record(object));
}

function pageOf(items: Shape): ObjectShape {
  return {
    is: 'object',
    members: { results: { is: 'array', items }, total: { is: 'count' }, paging: PAGING },
    others: TEXT,
  };
}

/** Answer of batch operations; some inputs may have failed. */
export function batch(object: string): Shape {
  return {
    is: 'object',
    members: {
      results: { is: 'array', items: record(object) },
      links: URLS,
      status: PLAIN,
      requestedAt: PLAIN,
      startedAt: PLAIN,
      completedAt: PLAIN,
      numErrors: PLAIN,
    },
    others: TEXT,
  };
}

/** Body of a create or update. */
export function written(object: string): RecordShape {
  return {
    is: 'record',
    object,
    members: {
      id: { is: 'id' },
      properties: { is: 'fields' },
      idProperty: PLAIN,
      associations: PLAIN,
      objectWriteTraceId: PLAIN,
    },
    others: TEXT,
  };
}

/** Body of a batch of writes. */
export function writtenBatch(object: string): Shape {
  return { is: 'object', members: { inputs: { is: 'array', items: written(object) } }, others: PLAIN };
}

/** Owners are members of staff; their fields stand in the record itself. */
const OWNER: RecordShape = {
  is: 'record',
  object: 'owners',
  members: { id: { is: 'id' }, teams: PLAIN },
  others: 'field',
};
export const OWNER_RECORD: Shape = OWNER;
export const OWNERS: Shape = pageOf(OWNER);

/** Associated records: nothing but ids, which tell that a record exists. */
export function associated(object: string): Shape {
  return pageOf({
    is: 'record',
    object,
    members: { toObjectId: { is: 'id' }, id: { is: 'id' }, type: PLAIN, associationTypes: PLAIN },
    others: TEXT,
  });
}

/** What became of a mail: never whom it went to. */
export const SENT: Shape = {
  is: 'object',
  members: {
    statusId: PLAIN,
    status: PLAIN,
    sendResult: PLAIN,
    eventId: PLAIN,
    requestedAt: PLAIN,
    startedAt: PLAIN,
    completedAt: PLAIN,
  },
  others: TEXT,
};

/** What one person has subscribed to; batches hold the statuses of each within a record of their own. */
const SUBSCRIBER: RecordShape = {
  is: 'record',
  object: 'communication_preferences',
  get members() {
    const statuses: Shape = { is: 'array', items: SUBSCRIBER };
    return { statuses, wideStatuses: statuses };
  },
  others: 'field',
};
export const SUBSCRIPTION_STATUS: Shape = SUBSCRIBER;
export const SUBSCRIBER_STATUSES: Shape = {
  is: 'object',
  members: {
    results: { is: 'array', items: SUBSCRIBER },
    links: URLS,
    status: PLAIN,
    requestedAt: PLAIN,
    startedAt: PLAIN,
    completedAt: PLAIN,
    numErrors: PLAIN,
  },
  others: TEXT,
};

/** Lists are no people, but their filters may name some. */
const LIST: RecordShape = {
  is: 'record',
  object: 'lists',
  members: { listId: { is: 'id' } },
  others: 'field',
};
export const LISTS: Shape = {
  is: 'object',
  members: { lists: { is: 'array', items: LIST }, hasMore: PLAIN, offset: PLAIN, total: { is: 'count' } },
  others: TEXT,
};
export const ONE_LIST: Shape = { is: 'object', members: { list: LIST }, others: TEXT };
export const LISTS_OF_RECORD: Shape = pageOf(LIST);

/** Nothing tells of which object the records of a list are. */
export const LIST_MEMBERS: Shape = pageOf({
  is: 'record',
  members: { recordId: { is: 'id' }, membershipTimestamp: PLAIN },
  others: TEXT,
});
export const MEMBERSHIP_CHANGES: Shape = {
  is: 'object',
  members: { recordIdsRemoved: PLAIN, recordsIdsAdded: PLAIN, recordIdsMissing: PLAIN },
  others: TEXT,
};

/** A file as the file manager describes it: in the record itself. */
const FILE: RecordShape = { is: 'record', object: 'files', members: { id: { is: 'id' } }, others: 'field' };
export const FILE_RECORD: Shape = FILE;
export const FILES: Shape = pageOf(FILE);
/**
 * Where a file can be fetched. Its record has been judged before; what is said of it once more is shown by what a data map says of
 * `signed_urls`. The URL passes as it is: it is only answered to those who may have the file.
 */
export const SIGNED_URL: Shape = {
  is: 'record',
  object: 'signed_urls',
  members: { url: PLAIN, expiresAt: PLAIN },
  others: 'field',
};

export const EXPORT: Shape = {
  is: 'object',
  members: { result: { is: 'url' }, links: URLS },
  others: PLAIN,
};

/** Validation messages hold names and values that were sent, conflict messages ids. */
export const ERROR: Shape = {
  is: 'object',
  members: { status: PLAIN, correlationId: PLAIN, category: PLAIN, subCategory: PLAIN, links: URLS },
  others: TEXT,
};

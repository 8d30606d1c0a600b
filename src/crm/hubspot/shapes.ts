import type { ObjectShape, RecordShape, Shape } from '../../model/shape.ts';
import { STANDARD_OBJECTS } from './objects.ts';

const PLAIN: Shape = { is: 'plain' };
const TEXT: Shape = { is: 'text' };
const URLS: Shape = { is: 'object', members: {}, others: { is: 'url' } };
/**
 * Validation messages hold names and values that were sent, conflict messages ids. What stands under `errors` is of the
 * same kind, each with a message of its own.
 */
export const ERROR: ObjectShape = {
  is: 'object',
  members: {
    status: PLAIN,
    correlationId: PLAIN,
    category: PLAIN,
    subCategory: PLAIN,
    links: URLS,
    get errors(): Shape {
      return ERRORS;
    },
  },
  others: TEXT,
};
const ERRORS: Shape = { is: 'array', items: ERROR };

const PAGE: Shape = { is: 'object', members: { link: { is: 'url' } }, others: PLAIN };
const PAGING: Shape = { is: 'object', members: { next: PAGE, prev: PAGE }, others: PLAIN };
/** Ids of associated records by the plural of their object (`line items` with a blank), with pages of their own. */
const ASSOCIATIONS: Shape = {
  is: 'object',
  members: Object.fromEntries(
    STANDARD_OBJECTS.flatMap((object): [string, Shape][] => {
      const ids = pageOf(association(object));
      return [object, object.replaceAll('_', ' ')].map((spelling) => [spelling, ids]);
    }),
  ),
  others: pageOf(association(undefined)),
};

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
  return batchOf(record(object));
}

function batchOf(items: Shape): Shape {
  return {
    is: 'object',
    members: {
      results: { is: 'array', items },
      links: URLS,
      status: PLAIN,
      requestedAt: PLAIN,
      startedAt: PLAIN,
      completedAt: PLAIN,
      numErrors: PLAIN,
      errors: ERRORS,
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

/** Associated records: ids alone, which tell that a record exists. */
export function associated(object: string): Shape {
  return pageOf(association(object));
}

/** The same for each of several records. */
export function associatedWithMany(object: string): Shape {
  const to: Shape = { is: 'array', items: association(object) };
  return batchOf({ is: 'object', members: { from: PLAIN, to, paging: PAGING }, others: TEXT });
}

/** @param object undefined: it may be any */
function association(object: string | undefined): RecordShape {
  return {
    is: 'record',
    ...(object !== undefined && { object }),
    members: { toObjectId: { is: 'id' }, id: { is: 'id' }, type: PLAIN, associationTypes: PLAIN },
    others: TEXT,
  };
}

/** What has been associated: the ids that were sent. */
export const ASSOCIATED_PAIR: Shape = {
  is: 'object',
  members: {
    fromObjectTypeId: PLAIN,
    fromObjectId: PLAIN,
    toObjectTypeId: PLAIN,
    toObjectId: PLAIN,
    labels: PLAIN,
    from: PLAIN,
    to: PLAIN,
    type: PLAIN,
    associationSpec: PLAIN,
  },
  others: TEXT,
};
export const ASSOCIATED_PAIRS: Shape = batchOf(ASSOCIATED_PAIR);

/** What became of a mail. Does not tell who received it. */
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

/** A person's subscriptions. In a batch, the statuses of each person stand within a record of its own. */
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
export const SUBSCRIBER_STATUSES: Shape = batchOf(SUBSCRIBER);

/** A list is not a person, but its filters may name some. */
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

/** The answer itself does not tell of which object the records of a list are. */
export function listMembers(object?: string): Shape {
  return pageOf({
    is: 'record',
    ...(object !== undefined && { object }),
    members: { recordId: { is: 'id' }, membershipTimestamp: PLAIN },
    others: TEXT,
  });
}
export const LIST_MEMBERS: Shape = listMembers();
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
 * Where a file can be fetched. Its record has been judged before; the members that repeat it are shown as a data map
 * says of `signed_urls`. The URL passes as it is: only those who may have the file get it.
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

import type { Operation, Recipient } from '../../model/operation.ts';
import type { Recogniser } from '../adapter-code.ts';
import type { OperationDescriptor } from '../descriptor.ts';
import { type JsonObject, parseJsonBody, parseJsonObject, refuseBody } from '../json-body.ts';
import { asUpdate, named } from '../recipients.ts';
import * as shapes from './shapes.ts';
import { versioned } from './versions.ts';

const lists = (rest = ''): string[] => versioned('/crm', '/lists', rest);
const memberships = (rest = ''): string[] => lists(`/{list}/memberships${rest}`);
const PAGES = { limit: 'harmless', after: 'harmless', before: 'harmless' } as const;
const ANY_FIELD = [{ field: '*', position: 'select' }] as const;
const CHANGES_MEMBERS = new Set(['recordIdsToAdd', 'recordIdsToRemove']);

/**
 * Lists, what belongs to them, and putting people on them: what is sent to a list is sent to them. Making lists is unknown, since
 * their filters are stored questions about properties.
 * @see https://developers.hubspot.com/docs/api-reference/crm-lists-v3/guide
 */
export const LISTS: readonly OperationDescriptor[] = [
  {
    name: 'lists',
    method: 'GET',
    paths: lists(),
    kind: 'read',
    object: 'lists',
    uses: ANY_FIELD,
    parameters: { listIds: 'harmless', includeFilters: 'harmless' },
    answer: { format: 'json', root: shapes.LISTS },
  },
  {
    name: 'list-read',
    method: 'GET',
    paths: lists('/{list}'),
    kind: 'read',
    object: 'lists',
    id: 'list',
    uses: ANY_FIELD,
    parameters: { includeFilters: 'harmless' },
    code: 'list',
    answer: { format: 'json', root: shapes.ONE_LIST },
  },
  {
    name: 'list-read-by-name',
    method: 'GET',
    paths: lists('/object-type-id/{type}/name/{name}'),
    kind: 'read',
    object: 'lists',
    uses: ANY_FIELD,
    parameters: { includeFilters: 'harmless' },
    answer: { format: 'json', root: shapes.ONE_LIST },
  },
  {
    name: 'list-search',
    method: 'POST',
    paths: lists('/search'),
    kind: 'search',
    object: 'lists',
    uses: ANY_FIELD,
    body: { is: 'plain' },
    answer: { format: 'json', root: shapes.LISTS },
  },
  {
    name: 'list-members',
    method: 'GET',
    paths: [...memberships(), ...memberships('/join-order')],
    kind: 'read',
    object: '*',
    parameters: PAGES,
    answer: { format: 'json', root: shapes.LIST_MEMBERS },
  },
  {
    name: 'lists-of-record',
    method: 'GET',
    paths: lists('/records/{object}/{id}/memberships'),
    kind: 'read',
    object: '{object}',
    id: 'id',
    parameters: PAGES,
    code: 'listsOfRecord',
    answer: { format: 'json', root: shapes.LISTS_OF_RECORD },
  },
  membershipChange('list-add', 'PUT', '/add', 'send'),
  membershipChange('list-add-and-remove', 'PUT', '/add-and-remove', 'send'),
  {
    name: 'list-add-from',
    method: 'PUT',
    paths: memberships('/add-from/{source}'),
    kind: 'send',
    otherKinds: ['update'],
    object: 'lists',
    code: 'listAddFrom',
    answer: { format: 'json', root: shapes.MEMBERSHIP_CHANGES },
  },
  membershipChange('list-remove', 'PUT', '/remove', 'update'),
  {
    name: 'list-remove-all',
    method: 'DELETE',
    paths: memberships(),
    kind: 'update',
    object: 'lists',
    answer: { format: 'plain' },
  },
];

function membershipChange(
  name: string,
  method: string,
  path: string,
  kind: 'send' | 'update',
): OperationDescriptor {
  return {
    name,
    method,
    paths: memberships(path),
    kind,
    ...(kind === 'send' && { otherKinds: ['update' as const] }),
    object: 'lists',
    body: { is: 'plain' },
    ...(kind === 'send' && { readsBody: true as const, code: 'listChange' }),
    answer: { format: 'json', root: shapes.MEMBERSHIP_CHANGES },
  };
}

/** `/lists/{list}` is a list only when the last part is an id (`folders`, `idmapping` are resources). */
export const recogniseList: Recogniser = ({ captures, operation }) =>
  /^\d+$/.test(captures.get('list') ?? '') ? operation : undefined;

export const recogniseListsOfRecord: Recogniser = ({ captures, object, operation }) => ({
  ...operation,
  about: { object, id: captures.get('id') ?? '' },
});

/** A list of ids to add, or two lists of which one is of ids to add. */
export const recogniseListChange: Recogniser = ({ request, operation }) => {
  if (operation.route === 'list-add') return reaching(operation, parseJsonBody(request.body));
  const body: JsonObject = parseJsonObject(request.body);
  if (Object.keys(body).some((name) => !CHANGES_MEMBERS.has(name))) refuseBody('a member is not known.');
  return reaching(operation, body['recordIdsToAdd'] ?? []);
};

/** Nobody is named: whoever is on the other list. */
export const recogniseListAddFrom: Recogniser = ({ operation }) => ({
  ...operation,
  objects: ['lists', 'contacts'],
});

/** Nothing tells of which object the records of a list are; those that are people are contacts. */
function reaching(operation: Operation, ids: unknown): Operation {
  if (!Array.isArray(ids)) return refuseBody('the ids of records are no list.');
  const recipients = ids.map((id: unknown): Recipient => ({ object: 'contacts', id: recordId(id) }));
  if (recipients.length === 0) {
    return asUpdate(operation);
  }
  return { ...operation, objects: ['lists', 'contacts'], recipients: named(recipients) };
}

/** In the one spelling that records have: digits without leading zeros. */
function recordId(id: unknown): string {
  const text = typeof id === 'number' && Number.isSafeInteger(id) ? String(id) : id;
  return typeof text === 'string' && /^[1-9]\d*$/.test(text)
    ? text
    : refuseBody('an id of a record is no number.');
}

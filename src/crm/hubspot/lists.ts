import type { Operation, Recipient } from '../../model/operation.ts';
import type { Recogniser } from '../adapter-code.ts';
import type { OperationDescriptor } from '../descriptor.ts';
import { type JsonObject, parseJsonBody, parseJsonObject, refuseBody, refuseUnknown } from '../json-body.ts';
import { asUpdate, named } from '../recipients.ts';
import { isRecordId, lookups, targetsIn } from './record-id.ts';
import * as shapes from './shapes.ts';
import { versioned } from './versions.ts';

const lists = (rest = ''): string[] => versioned('/crm', '/lists', rest);
const memberships = (rest = ''): string[] => lists(`/{list}/memberships${rest}`);
const PAGES = { limit: 'harmless', after: 'harmless', before: 'harmless' } as const;
const ANY_FIELD = [{ field: '*', position: 'select' }] as const;
const CHANGES_MEMBERS = new Set(['recordIdsToAdd', 'recordIdsToRemove']);

/**
 * Lists, their members, and adding people to them: what is sent to a list is sent to them. Creating lists is unknown,
 * since their filters are stored queries about properties.
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
    parameters: { listIds: { repeats: true }, includeFilters: 'harmless' },
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
    code: 'listMembers',
    answer: { format: 'json', root: shapes.LIST_MEMBERS },
  },
  {
    name: 'lists-of-record',
    method: 'GET',
    paths: lists('/records/{object}/{id}/memberships'),
    kind: 'read',
    object: '{object}',
    id: 'id',
    // To be on a list tells that one has what its filters ask for.
    uses: [{ field: '*', position: 'filter' }],
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
const recogniseList: Recogniser = ({ captures, operation }) =>
  /^\d+$/.test(captures.get('list') ?? '') ? operation : undefined;

/** The members of a list are the result of its filters. */
const recogniseListMembers: Recogniser = (recognition) => {
  const operation = recogniseList(recognition);
  const question = recognition.captures.get('list');
  return operation && question !== undefined ? { ...operation, question } : undefined;
};

const recogniseListsOfRecord: Recogniser = ({ object, operation }) => {
  const { recordId: id } = operation;
  const uses = [...operation.uses, ...lookups(object, undefined, [id])];
  return { ...operation, uses, tellsOf: targetsIn(object, { id }, 'id') };
};

/** The body is a list of ids to add, or two lists of which one is of ids to add. */
const recogniseListChange: Recogniser = ({ request, operation }) => {
  if (operation.route === 'list-add') return reaching(operation, parseJsonBody(request.body));
  const body: JsonObject = parseJsonObject(request.body);
  refuseUnknown(body, CHANGES_MEMBERS, 'the change');
  return reaching(operation, body['recordIdsToAdd'] ?? []);
};

/** The request names nobody: it reaches everybody on the other list. */
const recogniseListAddFrom: Recogniser = ({ operation }) => ({
  ...operation,
  objects: ['lists', 'contacts'],
});

/** Nothing tells the object of a list's records; if they are people, they are contacts. */
function reaching(operation: Operation, ids: unknown): Operation {
  if (!Array.isArray(ids)) return refuseBody('the record ids are not a list.');
  const recipients = ids.map((id: unknown): Recipient => ({ object: 'contacts', id: recordId(id) }));
  if (recipients.length === 0) {
    return asUpdate(operation);
  }
  return { ...operation, objects: ['lists', 'contacts'], recipients: named(recipients) };
}

function recordId(id: unknown): string {
  return isRecordId(id) ? String(id) : refuseBody('a record id is not a number.');
}

/** By the code of the operation. */
export const LIST_RECOGNISERS: Readonly<Record<string, Recogniser>> = {
  list: recogniseList,
  listMembers: recogniseListMembers,
  listChange: recogniseListChange,
  listAddFrom: recogniseListAddFrom,
  listsOfRecord: recogniseListsOfRecord,
};

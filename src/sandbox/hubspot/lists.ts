import { type Json, readJson, textOf } from '../wire/json.ts';
import { jsonAnswer, NO_CONTENT, type SandboxAnswer } from '../wire/message.ts';
import { invalid, invalidJson, noSuchRoute, problem } from './errors.ts';
import { bodyOf, textList } from './object-routes.ts';
import type { Call, Portal } from './portal.ts';
import { typeSchema } from './schema.ts';

interface List {
  readonly id: string;
  readonly name: string;
  readonly objectTypeId: string;
  /** Property that whoever is on it must have; undefined: people are put on it by hand. */
  readonly asks?: string;
  /** Record id → when it was added, in milliseconds since the epoch. */
  readonly members: Map<string, number>;
}

const PAGE_MAX = 250;
/** How many contacts are on the first list from the start. */
const SEEDED = 5;

/** A list of people who have some property, as the vendor writes its question down. */
function filterBranchJson(property: string): Json {
  const operation = {
    operator: 'IS_KNOWN',
    operationType: 'ALL_PROPERTY',
    includeObjectsWithNoValueSet: false,
  };
  const filters = [{ filterType: 'PROPERTY', property, operation }];
  const all = { filterBranchType: 'AND', filterBranchOperator: 'AND', filterBranches: [], filters };
  return { filterBranchType: 'OR', filterBranchOperator: 'OR', filterBranches: [all], filters: [] };
}

function listJson(list: List, withFilters = false): { readonly [name: string]: Json } {
  const asked = withFilters && list.asks !== undefined ? { filterBranch: filterBranchJson(list.asks) } : {};
  return {
    ...asked,
    listId: list.id,
    listVersion: 1,
    name: list.name,
    objectTypeId: list.objectTypeId,
    processingType: list.asks === undefined ? 'MANUAL' : 'DYNAMIC',
    processingStatus: 'COMPLETE',
    size: list.members.size,
    createdAt: '2026-01-15T09:30:00.000Z',
    updatedAt: '2026-01-15T09:30:00.000Z',
  };
}

function page(call: Call, list: List): SandboxAnswer {
  const limit = Math.min(Number(call.request.query.get('limit') ?? 100), PAGE_MAX);
  const after = Number(call.request.query.get('after') ?? 0);
  const all = [...list.members];
  const results = all.slice(after, after + limit).map(([recordId, at]) => ({
    recordId,
    membershipTimestamp: new Date(at).toISOString(),
  }));
  const next = after + limit < all.length ? { paging: { next: { after: String(after + limit) } } } : {};
  return jsonAnswer(200, { results, total: all.length, ...next });
}

function idsIn(call: Call): readonly string[] {
  let body: Json;
  try {
    body = readJson(call.request.body.toString('utf8'));
  } catch {
    throw invalidJson();
  }
  if (!Array.isArray(body)) throw invalid('Invalid input JSON: expected a list of record ids');
  return body.map((id: Json) => textOf(id));
}

/** `/lists…`: lists of contacts, two that people are put on by hand and two that ask for something. */
export function portalLists(portal: Portal): (call: Call) => SandboxAnswer {
  const contacts = typeSchema('contacts');
  const records = contacts === undefined ? [] : portal.store.records(contacts);
  const seeded = records.slice(0, SEEDED).map(({ id }) => [id, portal.now()] as const);
  const having = (property: string) =>
    records
      .filter(({ properties }) => (properties[property] ?? null) !== null)
      .map(({ id }) => [id, 0] as const);
  const lists = new Map<string, List>(
    [
      { name: 'Newsletter', members: seeded },
      { name: 'Event guests', members: [] },
      { name: 'Patients', asks: 'diagnosis', members: having('diagnosis') },
      { name: 'Customers', asks: 'lifecyclestage', members: having('lifecyclestage') },
    ].map(({ members, ...list }, index) => {
      const id = String(index + 1);
      return [id, { ...list, id, objectTypeId: '0-1', members: new Map(members) }];
    }),
  );
  const require = (id: string | undefined): List => {
    const list = lists.get(id ?? '');
    if (!list) throw problem(404, 'OBJECT_NOT_FOUND', `List does not exist with ID ${id ?? ''}.`);
    return list;
  };
  const add = (list: List, ids: readonly string[]) => {
    const known = ids.filter((id) => contacts && portal.store.find(contacts, id, null));
    for (const id of known) list.members.set(id, portal.now());
    return { recordsIdsAdded: known, recordIdsMissing: ids.filter((id) => !known.includes(id)) };
  };
  const remove = (list: List, ids: readonly string[]): readonly string[] =>
    ids.filter((id) => list.members.delete(id));

  const changed = (call: Call, list: List): SandboxAnswer => {
    const [, , , action, source] = call.rest;
    const none = { recordsIdsAdded: [], recordIdsRemoved: [], recordIdsMissing: [] };
    switch (action) {
      case 'add':
        return jsonAnswer(200, { ...none, ...add(list, idsIn(call)) });
      case 'remove':
        return jsonAnswer(200, { ...none, recordIdsRemoved: remove(list, idsIn(call)) });
      case 'add-and-remove': {
        const body = bodyOf(call);
        const recordIdsRemoved = remove(list, textList(body['recordIdsToRemove']));
        return jsonAnswer(200, { recordIdsRemoved, ...add(list, textList(body['recordIdsToAdd'])) });
      }
      case 'add-from':
        add(list, [...require(source).members.keys()]);
        return NO_CONTENT;
      default:
        throw noSuchRoute();
    }
  };
  return (call) => {
    const [, id, part, third, fourth] = call.rest;
    const { method, query } = call.request;
    const shown = (list: List) => listJson(list, query.get('includeFilters') === 'true');
    if (id === 'search' && method === 'POST') {
      const part = textOf(bodyOf(call)['query']).toLowerCase();
      const found = [...lists.values()].filter(({ name }) => name.toLowerCase().includes(part));
      return jsonAnswer(200, {
        lists: found.map((list) => listJson(list)),
        total: found.length,
        offset: found.length,
        hasMore: false,
      });
    }
    if (id === undefined && method === 'GET') {
      const asked = query.getAll('listIds');
      return jsonAnswer(200, { lists: asked.flatMap((one) => lists.get(one) ?? []).map(shown) });
    }
    if (id === 'object-type-id') {
      const named = [...lists.values()].find(({ name }) => name === fourth);
      return jsonAnswer(200, { list: shown(require(named?.id)) });
    }
    if (id === 'records' && fourth === 'memberships') {
      const on = [...lists.values()].filter(({ members }) => members.has(third ?? ''));
      const results = on.map((list) => ({ listId: list.id, listVersion: 1, isPublicList: true }));
      return jsonAnswer(200, { results, total: results.length });
    }
    const list = require(id);
    if (part === undefined && method === 'GET') return jsonAnswer(200, { list: shown(list) });
    if (part !== 'memberships') throw noSuchRoute();
    if (method === 'PUT') return changed(call, list);
    if (method === 'GET') return page(call, list);
    if (method !== 'DELETE') throw noSuchRoute();
    list.members.clear();
    return NO_CONTENT;
  };
}

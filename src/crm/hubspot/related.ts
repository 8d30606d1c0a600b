import type { NamedRecord, Operation } from '../../model/operation.ts';
import type { RelatedRead } from '../adapter.ts';
import { isJsonObject, type JsonObject } from '../json-body.ts';
import { getRequest, pathOf, withJsonBody } from '../request-edit.ts';
import { canonicalObject, typeIdOf } from './objects.ts';
import { isRecordId } from './record-id.ts';

/** @see https://developers.hubspot.com/changelog/bug-fix-batch-read-limit-for-hubspot-associations-api */
const INPUTS_MAX = 1_000;
/** The error of an input that is associated with nothing. */
const NOTHING_FOUND = 'crm.associations.NO_ASSOCIATIONS_FOUND';

/**
 * Reads what records are associated with. HubSpot forgets the associations of an archived record, so nothing can be
 * told of what a request reads among the archived.
 * @see https://developers.hubspot.com/docs/api-reference/crm-associations-v4/guide
 */
export function findRelated(
  { request }: Operation,
  object: string,
  to: string,
  ids: readonly string[],
): RelatedRead | undefined {
  const target = canonicalObject(to);
  if (object === '*' || target === undefined || readsArchived(request.query)) return undefined;
  const asked = ids.slice(0, INPUTS_MAX);
  const path = pathOf(['crm', 'v4', 'associations', typeIdOf(object), typeIdOf(target), 'batch', 'read']);
  const read = { ...getRequest(path), method: 'POST', contentType: 'application/json' };
  return {
    request: withJsonBody(read, { inputs: asked.map((id) => ({ id })) }),
    covers: asked.length,
    related: (body) => relatedIn(isJsonObject(body) ? body : {}, target),
  };
}

function readsArchived(query: Operation['request']['query']): boolean {
  return query.some(([name, value]) => name.toLowerCase() === 'archived' && value.toLowerCase() !== 'false');
}

function relatedIn(body: JsonObject, object: string): ReadonlyMap<string, readonly NamedRecord[]> {
  const related = new Map<string, readonly NamedRecord[]>();
  for (const { subCategory, context } of objectsIn(body['errors'])) {
    if (subCategory !== NOTHING_FOUND || !isJsonObject(context)) continue;
    const without: unknown = context['fromObjectId'];
    for (const id of Array.isArray(without) ? without : []) related.set(String(id), []);
  }
  for (const { from, to, paging } of objectsIn(body['results'])) {
    const id = isJsonObject(from) ? String(from['id']) : '';
    const ids = objectsIn(to).map(({ toObjectId }) => toObjectId);
    // With a page to follow, not all of them are told.
    const isWhole = paging === undefined || paging === null;
    if (isWhole && ids.every(isRecordId))
      related.set(
        id,
        ids.map((one) => ({ object, id: String(one) })),
      );
    else related.delete(id);
  }
  return related;
}

function objectsIn(list: unknown): readonly JsonObject[] {
  return Array.isArray(list) ? list.filter(isJsonObject) : [];
}

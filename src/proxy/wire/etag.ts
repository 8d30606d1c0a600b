/**
 * An ETag names one representation (RFC 9110 section 8.8), and two principals with different views get different ones
 * of the same record. So a tag on its way to a client carries its view, and a tag on its way to the CRM loses it again.
 * The clear view carries none: its tags are the CRM's own.
 *
 * Where the view depends on more than the CRM knows (consent, say), the client's representation may change while the
 * CRM's does not. Such a tag also carries the id of the answer, so that no two answers share one and none is ever taken
 * for unchanged. `If-Match` still works: it asks whether the CRM's record has changed since, and the CRM answers by its
 * own part of the tag.
 */

const MARK = '--privet-';

/** entity-tag = [ "W/" ] DQUOTE *etagc DQUOTE */
const ENTITY_TAG = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g;
const ENTITY_TAGS =
  /^\s*(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"(?:\s*,\s*(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*")*\s*$/;
const ONE_ENTITY_TAG = /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/;

/** The part of a tag that names one answer, with the closing quote. */
const OF_ONE_ANSWER = /(?<=--privet-[0-9a-z]{1,64})\.[0-9a-f-]{36}"/g;

/** Matches no tag of any CRM: a condition on it is never met. */
const NO_TAG = `"${MARK}none"`;

/**
 * The tag a client of this view gets; undefined when the CRM's is malformed and must be left out.
 * @param answerId when the tag must be of one answer alone
 */
export function etagForView(etag: string, viewId: string, answerId?: string): string | undefined {
  const answer = answerId === undefined ? '' : `.${answerId}`;
  return ONE_ENTITY_TAG.test(etag) ? `${etag.slice(0, -1)}${MARK}${viewId}${answer}"` : undefined;
}

/**
 * `If-None-Match` for the CRM: tags of other views are left out, because they do not name what this client would get.
 * @param viewId undefined for the clear view
 * @returns undefined when nothing is left: the request is then unconditional
 */
export function ifNoneMatchForView(value: string, viewId: string | undefined): string | undefined {
  if (value.trim() === '*') return '*';
  const tags = tagsOfView(value, viewId);
  return tags.length === 0 ? undefined : tags.join(', ');
}

/**
 * `If-Match` for the CRM: the tags of this view and of its answers. When there are none, a tag that cannot match, so
 * that the CRM answers 412.
 */
export function ifMatchForView(value: string, viewId: string | undefined): string {
  if (value.trim() === '*') return '*';
  const tags = tagsOfView(value.replace(OF_ONE_ANSWER, '"'), viewId);
  return tags.length === 0 ? NO_TAG : tags.join(', ');
}

function tagsOfView(value: string, viewId: string | undefined): string[] {
  if (!ENTITY_TAGS.test(value)) return [];
  const tags = value.match(ENTITY_TAG) ?? [];
  if (viewId === undefined) return tags.filter((tag) => !tag.includes(MARK));
  const suffix = `${MARK}${viewId}"`;
  return tags
    .filter((tag) => tag.endsWith(suffix))
    .map((tag) => `${tag.slice(0, -suffix.length)}"`)
    .filter((tag) => !tag.includes(MARK));
}

/**
 * An ETag names one representation (RFC 9110 section 8.8), and two principals with different views get different ones of the same
 * record. So a tag on its way to a client carries its view, and a tag on its way to the CRM loses it again. The clear view carries
 * none: its tags are the CRM's own.
 *
 * What rests on more than the CRM knows may become another representation while the CRM's stays what it is. Its tag carries the answer, too: no
 * two answers share one, so it never says that two of them are the same. What remains is what `If-Match` is for, that nobody has changed
 * the record since, and that the CRM tells by its own part of it.
 */

const MARK = '--privet-';

/** entity-tag = [ "W/" ] DQUOTE *etagc DQUOTE */
const ENTITY_TAG = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g;
const ENTITY_TAGS =
  /^\s*(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"(?:\s*,\s*(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*")*\s*$/;
const ONE_ENTITY_TAG = /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/;

/** The end of a tag of one answer. */
const OF_ONE_ANSWER = /(?<=--privet-[0-9a-z]{1,64})\.[0-9a-f-]{36}"/g;

/** Matches no tag of any CRM: a condition on it is never met. */
const NO_TAG = `"${MARK}none"`;

/**
 * The tag a client of this view gets; undefined when the CRM's is malformed and must be left out.
 * @param answerId where the tag is of one answer alone
 */
export function etagForView(etag: string, viewId: string, answerId?: string): string | undefined {
  const answer = answerId === undefined ? '' : `.${answerId}`;
  return ONE_ENTITY_TAG.test(etag) ? `${etag.slice(0, -1)}${MARK}${viewId}${answer}"` : undefined;
}

/**
 * `If-None-Match` for the CRM: tags of other views are left out, because what they name is not what this client would get.
 * @param viewId undefined for the clear view
 * @returns undefined when nothing is left: the request is then unconditional
 */
export function ifNoneMatchForView(value: string, viewId: string | undefined): string | undefined {
  if (value.trim() === '*') return '*';
  const tags = tagsOfView(value, viewId);
  return tags.length === 0 ? undefined : tags.join(', ');
}

/**
 * `If-Match` for the CRM: when no tag of this view, or of one of its answers, is left, one that cannot match, so that the CRM answers
 * 412.
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

import { etagForView } from './etag.ts';
import { connectionNamed, type Headers, HOP_BY_HOP, membersOf } from './headers.ts';
import { LINK_HEADERS, type Links } from './links.ts';

/** `alt-svc` and HSTS speak for the proxy's own origin; CDN directives override `cache-control`. */
const NEVER_TO_CLIENT: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  'alt-svc',
  'strict-transport-security',
  'cdn-cache-control',
  'surrogate-control',
  'x-privet-request-id',
]);

/** Headers that are true of the CRM's own bytes only. */
const OF_THE_BYTES: ReadonlySet<string> = new Set([
  'content-length',
  'content-md5',
  'digest',
  'repr-digest',
  'content-digest',
  'accept-ranges',
  'content-range',
]);

/** What no header value may hold (RFC 9110 section 5.5, bytes as latin1); Node throws on it. */
const INVALID_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

export interface AnswerHeadersOptions {
  readonly requestId: string;
  /** The bytes of the body may differ from the CRM's. */
  readonly changesBody: boolean;
  /** Undefined for the clear view. */
  readonly viewId: string | undefined;
  /**
   * The client's answer may change while the CRM's does not: no cache may keep it, and its tag is of this answer alone.
   */
  readonly changesUnseen: boolean;
  /** Headers that credentials come in, lower case: what a cache must tell clients apart by. */
  readonly varyOn: readonly string[];
  readonly links: Links;
  /** Redacts what is personal in words of the CRM; left out: nothing is hidden from the client. */
  readonly scan?: ((text: string) => string) | undefined;
}

/**
 * Headers of the CRM's answer to send to the client. `content-encoding` stays as it is. Every answer is private:
 * another principal may have another view of the same target.
 */
export function answerHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  options: AnswerHeadersOptions,
): Headers {
  const kept: Headers = {};
  const named = connectionNamed(headers['connection']);
  for (const name in headers) {
    if (NEVER_TO_CLIENT.has(name) || named?.has(name) === true) continue;
    if (options.changesBody && OF_THE_BYTES.has(name)) continue;
    const value = validValue(headers[name]);
    if (value === undefined) continue;
    kept[name] = LINK_HEADERS.has(name)
      ? mapValue(value, (text) => options.links.rewriteHeader(name, text))
      : inspected(value, options);
  }
  if (options.changesBody || options.viewId !== undefined) translateTag(kept, options);
  if (options.changesUnseen) delete kept['last-modified'];
  kept['cache-control'] = options.changesUnseen
    ? 'private, no-store'
    : privateCacheControl(kept['cache-control']);
  kept['vary'] = varyBy(kept['vary'], options.varyOn);
  kept['x-privet-request-id'] = options.requestId;
  return kept;
}

/** Makes the view's tag of the CRM's, or leaves it out where there is none for the view. */
function translateTag(kept: Headers, { viewId, changesUnseen, requestId }: AnswerHeadersOptions): void {
  const { etag } = kept;
  const viewed =
    typeof etag === 'string' && viewId !== undefined
      ? etagForView(etag, viewId, changesUnseen ? requestId : undefined)
      : undefined;
  if (viewed === undefined) delete kept['etag'];
  else kept['etag'] = viewed;
}

/** Most headers are of numbers and identifiers, which no detector tells from somebody's: addresses alone can be told. */
function inspected(value: string | string[], { scan }: AnswerHeadersOptions): string | string[] {
  if (scan === undefined) return value;
  return mapValue(value, (text) => (text.includes('@') ? scan(text) : text));
}

function validValue(value: string | string[] | undefined): string | string[] | undefined {
  if (typeof value === 'string') return INVALID_VALUE.test(value) ? undefined : value;
  const valid = value?.filter((text) => !INVALID_VALUE.test(text));
  return valid === undefined || valid.length === 0 ? undefined : valid;
}

function mapValue(value: string | string[], map: (text: string) => string): string | string[] {
  return typeof value === 'string' ? map(value) : value.map(map);
}

function privateCacheControl(value: string | string[] | undefined): string {
  if (value === undefined) return 'private';
  // Directives about single headers (`no-cache="set-cookie"`) are not worth a parser.
  if (String(value).includes('"')) return 'private, no-store';
  const directives = membersOf(value).filter(
    (directive) => directive !== '' && !/^(?:public|private|s-maxage)\b/i.test(directive),
  );
  return ['private', ...directives].join(', ');
}

function varyBy(value: string | string[] | undefined, names: readonly string[]): string {
  if (value === undefined) return names.join(', ');
  const present = membersOf(value);
  if (present.includes('*')) return '*';
  const folded = new Set(present.map((name) => name.toLowerCase()));
  return [...present, ...names.filter((name) => !folded.has(name))].join(', ');
}

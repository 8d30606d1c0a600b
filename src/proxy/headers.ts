import type { IncomingHttpHeaders } from 'node:http';
import { PrivetError } from '../errors.ts';
import { READABLE_CODINGS } from '../media/codings.ts';
import { etagForView, ifMatchForView, ifNoneMatchForView } from './etag.ts';
import { LINK_HEADERS, type Links } from './links.ts';
import { METHOD_OVERRIDE_HEADERS } from './target.ts';

/** Header names in lower case. */
export type Headers = Record<string, string | string[]>;

/**
 * Headers between two neighbours, never forwarded: RFC 9110 section 7.6.1, and others that are treated alike in
 * practice.
 */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
];

/**
 * `x-original-url` and `x-rewrite-url` replace the target in IIS and PHP frameworks (CVE-2018-14773); an override is
 * forwarded as the method it names; jsforce's `salesforceproxy-endpoint` names a target of its own; the rest speaks of
 * a client we do not trust.
 */
const NEVER_UPSTREAM: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  ...METHOD_OVERRIDE_HEADERS,
  'host',
  'expect',
  'content-length',
  'forwarded',
  'via',
  'x-original-url',
  'x-original-uri',
  'x-rewrite-url',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'salesforceproxy-endpoint',
]);

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

/** Conditions that cannot name a view, and ranges of bytes that the client never sees. */
const OF_THE_CRMS_BYTES: ReadonlySet<string> = new Set(['range', 'if-range', 'if-modified-since']);

/** Conditions by which a client asks whether its copy is still current (RFC 9110 section 13.1). */
const REVALIDATING = ['if-none-match', 'if-modified-since'] as const;

/**
 * Headers that must not be repeated: some readers take the first, some the last, some join them. Host: RFC 9112 section
 * 3.2.
 */
const ONCE: ReadonlySet<string> = new Set(['host', 'authorization', 'content-type']);

const READABLE = new RegExp(`^(?:${READABLE_CODINGS.join('|')})(?:\\s*;\\s*q=[\\d.]+)?$`, 'i');

/** What no header value may hold (RFC 9110 section 5.5, bytes as latin1); Node throws on it. */
const INVALID_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

export interface RequestHeadersOptions {
  /** Credential headers meant for Privet, lower case. */
  readonly drop: ReadonlySet<string>;
  /** The client's address and how it reached the proxy. */
  readonly client: { readonly address: string; readonly host: string; readonly scheme: 'http' | 'https' };
  /** The answer's bytes may change on their way back. */
  readonly rewritesAnswer: boolean;
  /** Undefined for the clear view. */
  readonly viewId: string | undefined;
  /** The client's answer may have changed while the CRM's has not: conditions of `REVALIDATING` are not passed on. */
  readonly mustBeAnew: boolean;
}

/**
 * Headers to send to the CRM. `host` and `content-length` are left to whoever sends: undici knows both.
 * @param headers as Node gives them: lower case, repetitions joined
 */
export function requestHeaders(headers: IncomingHttpHeaders, options: RequestHeadersOptions): Headers {
  const kept: Headers = {};
  const named = connectionNamed(headers.connection);
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || isNeverUpstream(name) || options.drop.has(name)) continue;
    if (named?.has(name) === true) continue;
    if (options.rewritesAnswer && OF_THE_CRMS_BYTES.has(name)) continue;
    kept[name] = value;
  }
  kept['accept-encoding'] = readableCodings(headers['accept-encoding']);
  const ifMatch = headers['if-match'];
  if (ifMatch !== undefined) kept['if-match'] = ifMatchForView(ifMatch, options.viewId);
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch !== undefined) {
    const tags = ifNoneMatchForView(ifNoneMatch, options.viewId);
    if (tags === undefined) delete kept['if-none-match'];
    else kept['if-none-match'] = tags;
  }
  if (options.mustBeAnew) for (const name of REVALIDATING) delete kept[name];
  addForwarded(kept, options.client);
  return kept;
}

export interface AnswerHeadersOptions {
  readonly requestId: string;
  /** The bytes of the body may differ from the CRM's. */
  readonly changesBody: boolean;
  /** Undefined for the clear view. */
  readonly viewId: string | undefined;
  /** The client's answer may change while the CRM's does not: no cache may keep it, and its tag is of this answer alone. */
  readonly changesUnseen: boolean;
  /** Headers that credentials come in, lower case: what a cache must tell clients apart by. */
  readonly varyOn: readonly string[];
  readonly links: Links;
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
      : value;
  }
  const etag = kept['etag'];
  if (etag !== undefined && (options.changesBody || options.viewId !== undefined)) {
    const viewed =
      typeof etag === 'string' && options.viewId !== undefined
        ? etagForView(etag, options.viewId, options.changesUnseen ? options.requestId : undefined)
        : undefined;
    if (viewed === undefined) delete kept['etag'];
    else kept['etag'] = viewed;
  }
  if (options.changesUnseen) delete kept['last-modified'];
  kept['cache-control'] = options.changesUnseen
    ? 'private, no-store'
    : privateCacheControl(kept['cache-control']);
  kept['vary'] = varyBy(kept['vary'], options.varyOn);
  kept['x-privet-request-id'] = options.requestId;
  return kept;
}

/**
 * Refuses a second Host, Authorization or Content-Type: Node reads the first, others the last.
 * @param rawHeaders names and values in turn
 * @throws PrivetError REQUEST_MALFORMED
 */
export function refuseRepeatedHeaders(rawHeaders: readonly string[]): void {
  let seen = '';
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const raw = rawHeaders[index] ?? '';
    if (raw.length !== 4 && raw.length !== 12 && raw.length !== 13) continue;
    const name = raw.toLowerCase();
    if (!ONCE.has(name)) continue;
    if (seen.includes(name)) throw new PrivetError('REQUEST_MALFORMED', `The ${name} header is repeated.`);
    seen += name;
  }
}

function isNeverUpstream(name: string): boolean {
  if (NEVER_UPSTREAM.has(name) || name.startsWith('x-forwarded')) return true;
  // CGI reads `x_forwarded_for` and `x-forwarded-for` as one variable (RFC 3875 section 4.1.18).
  return name.includes('_') && isNeverUpstream(name.replaceAll('_', '-'));
}

/** Names that `Connection` makes hop-by-hop. */
function connectionNamed(connection: string | string[] | undefined): ReadonlySet<string> | undefined {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return undefined;
  return new Set(
    String(connection)
      .toLowerCase()
      .split(',')
      .map((name) => name.trim()),
  );
}

/** Without `Accept-Encoding` a client may take any coding, but few can read them: it gets none. */
function readableCodings(accepted: string | string[] | undefined): string {
  if (accepted === undefined) return 'identity';
  const readable = String(accepted)
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => READABLE.test(coding));
  return readable.length === 0 ? 'identity' : readable.join(', ');
}

/** RFC 7239, and the older headers that most CRMs read instead. */
function addForwarded(headers: Headers, client: RequestHeadersOptions['client']): void {
  const node = client.address.includes(':') ? `"[${client.address}]"` : client.address;
  headers['forwarded'] = `for=${node};host="${client.host}";proto=${client.scheme}`;
  headers['x-forwarded-for'] = client.address;
  headers['x-forwarded-host'] = client.host;
  headers['x-forwarded-proto'] = client.scheme;
  headers['via'] = '1.1 privet';
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
  const directives = String(value)
    .split(',')
    .map((directive) => directive.trim())
    .filter((directive) => directive !== '' && !/^(?:public|private|s-maxage)\b/i.test(directive));
  return ['private', ...directives].join(', ');
}

function varyBy(value: string | string[] | undefined, names: readonly string[]): string {
  if (value === undefined) return names.join(', ');
  const present = String(value)
    .split(',')
    .map((name) => name.trim());
  if (present.includes('*')) return '*';
  const folded = new Set(present.map((name) => name.toLowerCase()));
  return [...present, ...names.filter((name) => !folded.has(name))].join(', ');
}

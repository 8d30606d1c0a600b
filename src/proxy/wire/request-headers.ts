import type { IncomingHttpHeaders } from 'node:http';
import { PrivetError } from '../../errors.ts';
import { READABLE_CODINGS } from '../../media/codings.ts';
import { ifMatchForView, ifNoneMatchForView } from './etag.ts';
import { connectionNamed, type Headers, HOP_BY_HOP, membersOf } from './headers.ts';
import { METHOD_OVERRIDE_HEADERS } from './target.ts';

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

/** Conditions that cannot name a view, and ranges of bytes that the client never sees. */
const OF_THE_CRMS_BYTES: ReadonlySet<string> = new Set(['range', 'if-range', 'if-modified-since']);

/** Conditions by which a client asks whether its copy is still current (RFC 9110 section 13.1). */
const REVALIDATING = ['if-none-match', 'if-modified-since'] as const;

/**
 * Headers that must not be repeated: some readers take the first, some the last, some join them. Host: RFC 9112 section
 * 3.2.
 */
const ONCE: ReadonlySet<string> = new Set(['host', 'authorization', 'content-type']);

/** `Connection` cannot remove how the body is read: the CRM would read another request than the one that was judged. */
const JUDGED: ReadonlySet<string> = new Set(['content-type', 'content-encoding']);

const READABLE = new RegExp(`^(?:${READABLE_CODINGS.join('|')})(?:\\s*;\\s*q=[\\d.]+)?$`, 'i');

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
  readonly isUnconditional: boolean;
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
    if (named?.has(name) === true && !JUDGED.has(name)) continue;
    if (options.rewritesAnswer && OF_THE_CRMS_BYTES.has(name)) continue;
    kept[name] = value;
  }
  kept['accept-encoding'] = readableCodings(headers['accept-encoding']);
  translateTags(kept, headers, options.viewId);
  if (options.isUnconditional) for (const name of REVALIDATING) delete kept[name];
  addForwarded(kept, options.client);
  return kept;
}

/** Makes the CRM's own tags of the view's in conditions. */
function translateTags(kept: Headers, headers: IncomingHttpHeaders, viewId: string | undefined): void {
  const ifMatch = headers['if-match'];
  if (ifMatch !== undefined) kept['if-match'] = ifMatchForView(ifMatch, viewId);
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch === undefined) return;
  const tags = ifNoneMatchForView(ifNoneMatch, viewId);
  if (tags === undefined) delete kept['if-none-match'];
  else kept['if-none-match'] = tags;
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

/** Without `Accept-Encoding` a client may take any coding, but few can read them: it gets none. */
function readableCodings(accepted: string | string[] | undefined): string {
  if (accepted === undefined) return 'identity';
  const readable = membersOf(accepted).filter((coding) => READABLE.test(coding));
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

import type { IncomingMessage } from 'node:http';
import { PrivetError } from '../../errors.ts';

/** Where absolute URLs of the CRM lead instead. */
export interface Links {
  /** For an absolute URL of the CRM, the URL through the proxy; any other text is returned as it is. */
  readonly rewriteUrl: (text: string) => string;
  /** The same for the value of a header in `LINK_HEADERS`, where a path without a host gets the proxy's prefix. */
  readonly rewriteHeader: (name: string, value: string) => string;
  /** True when a client that follows this Location would leave the CRM behind the proxy. */
  readonly leadsAway: (location: string) => boolean;
}

/**
 * Answer headers that hold URLs (RFC 9110, RFC 8288, OData 4.01 part 1 section 8.3.4, long-running operations of
 * Azure).
 */
export const LINK_HEADERS: ReadonlySet<string> = new Set([
  'location',
  'content-location',
  'link',
  'odata-entityid',
  'operation-location',
  'refresh',
]);

/** scheme, user information (dropped), authority, the rest */
const ABSOLUTE_URL = /^(https?):\/\/(?:[^/?#\\@]*@)?([^/?#\\@]*)(.*)$/is;
const HOST = /^(?:[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

/**
 * @param upstreamUrl the CRM as configured; its path is what the proxy's prefix stands for
 * @param publicHosts other hosts the CRM names itself by, such as `api.hubapi.com` or `*.my.salesforce.com`
 * @returns for a request's base (see `proxyBase`), how its answer's URLs are led back
 */
export function createLinks(upstreamUrl: string, publicHosts: readonly string[]): (base: ProxyBase) => Links {
  const upstream = new URL(upstreamUrl);
  const upstreamHost = hostOf(upstream.protocol, upstream.host);
  const upstreamPath = upstream.pathname.replace(/\/$/, '');
  const isPublic = hostMatcher(publicHosts);

  /** The path below the upstream's own; undefined when it is outside of it. */
  const belowUpstream = (rest: string): string | undefined => {
    if (upstreamPath === '') return rest;
    if (!rest.startsWith(upstreamPath) || !/^(?:[/?#]|$)/.test(rest.slice(upstreamPath.length)))
      return undefined;
    return rest.slice(upstreamPath.length);
  };

  return (base) => {
    const rewriteUrl = (text: string): string => {
      const match = ABSOLUTE_URL.exec(text);
      if (match === null) return text;
      const [, scheme = '', authority = '', rest = ''] = match;
      const host = hostOf(`${scheme.toLowerCase()}:`, authority.toLowerCase());
      if (isPublic(host)) return base.origin + base.prefix + rest;
      const below = host === upstreamHost ? belowUpstream(rest) : undefined;
      return below === undefined ? text : base.origin + base.prefix + below;
    };
    const rewriteReference = (text: string): string => {
      if (text.startsWith('//')) return rewriteUrl(upstream.protocol + text);
      if (!text.startsWith('/')) return rewriteUrl(text);
      const below = belowUpstream(text);
      return below === undefined ? text : base.prefix + below;
    };
    return {
      rewriteUrl,
      // Read as clients do, which pass over tabs and take backslashes for slashes (WHATWG URL).
      leadsAway: (location) => {
        const led = URL.parse(rewriteReference(location), base.origin);
        return led === null || led.origin !== URL.parse(base.origin)?.origin;
      },
      rewriteHeader: (name, value) => {
        if (name === 'link')
          return value.replace(/<([^>]*)>/g, (_, url: string) => `<${rewriteReference(url)}>`);
        if (name === 'refresh')
          return value.replace(
            /(url\s*=\s*["']?)([^"']*)/i,
            (_, key: string, url: string) => key + rewriteReference(url),
          );
        return rewriteReference(value);
      },
    };
  };
}

/** How a client reaches this proxy. */
export interface ProxyBase {
  /** Scheme and host, e.g. `https://crm.acme.example`. */
  readonly origin: string;
  /** Path in front of the CRM's own, e.g. `/sf`, or ''. */
  readonly prefix: string;
}

/**
 * How the client of this request reached the proxy, by the listener's scheme and the Host header.
 * @throws PrivetError REQUEST_MALFORMED when Host is missing or no host (it would end up in links)
 */
export function proxyBase(request: IncomingMessage, isTls: boolean, prefix: string): ProxyBase {
  const host = request.headers.host;
  if (host === undefined || !HOST.test(host))
    throw new PrivetError('REQUEST_MALFORMED', 'The Host header names no host.');
  return { origin: `${isTls ? 'https' : 'http'}://${host}`, prefix };
}

/** Host in lower case without a root dot; the port only where it is not the scheme's. */
function hostOf(protocol: string, authority: string): string {
  const port = /:(\d*)$/.exec(authority);
  const name = (port === null ? authority : authority.slice(0, port.index)).replace(/\.$/, '');
  const number = port?.[1] ?? '';
  return number === '' || number === (protocol === 'https:' ? '443' : '80') ? name : `${name}:${number}`;
}

function hostMatcher(patterns: readonly string[]): (host: string) => boolean {
  const exact = new Set(patterns.filter((pattern) => !pattern.startsWith('*.')));
  const suffixes = patterns.filter((pattern) => pattern.startsWith('*.')).map((pattern) => pattern.slice(1));
  return (host) => exact.has(host) || suffixes.some((suffix) => host.endsWith(suffix));
}

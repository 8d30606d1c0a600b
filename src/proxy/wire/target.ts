import type { IncomingHttpHeaders } from 'node:http';
import { PrivetError } from '../../errors.ts';

/** A request target read once: what is matched is what is forwarded. */
export interface CanonicalTarget {
  /** Upper case; the method an override names, where there is one. */
  readonly method: string;
  /**
   * RFC 3986 normal form: no empty, `.` or `..` segments, no trailing slash, unreserved characters bare, upper-case
   * hex.
   */
  readonly path: string;
  /** Decoded path segments; none for `/`. */
  readonly segments: readonly string[];
  /** Decoded query parameters in order, without a method override. */
  readonly query: readonly (readonly [name: string, value: string])[];
}

/**
 * Headers that name another method; frameworks of several CRMs honour them. The real method is forwarded in their
 * place.
 */
export const METHOD_OVERRIDE_HEADERS = [
  'x-http-method-override',
  'x-http-method',
  'x-method-override',
] as const;

/** Salesforce's override for clients that cannot send PATCH. */
const METHOD_OVERRIDE_PARAMETER = '_httpmethod';

/** Most targets: nothing is encoded, and nothing in them is read differently by different servers. */
const PLAIN_PATH = /^(?:\/[\w~!$&'()*+,=:@-][\w.~!$&'()*+,=:@-]*)+$/;
/** What no part of a target may hold: controls, blanks, non-ASCII bytes, a fragment. */
const NEVER_IN_TARGET = /[^\x21\x22\x24-\x7e]/;
/** What no decoded segment may hold: separators, matrix parameters (Servlet containers cut them off) and controls. */
const NEVER_IN_SEGMENT = /[/\\;\p{Cc}]/u;
const PLAIN_QUERY = /^[\w.~!'()*$,:@/-]*$/;

/**
 * Reads a request target (RFC 9112 section 3.2, origin form only). Normalised: percent-encoding of unreserved
 * characters, case of hex digits, one trailing slash, `+` in queries, characters that RFC 3986 does not allow bare.
 * Refused: everything that servers are known to read in different ways.
 * @param repeatable whether a query parameter may stand more than once
 * @throws PrivetError TARGET_AMBIGUOUS; OPERATION_UNKNOWN for TRACE, which would send credentials back
 */
export function canonicalTarget(
  rawTarget: string,
  method: string,
  headers: IncomingHttpHeaders,
  repeatable: (name: string) => boolean,
): CanonicalTarget {
  const rawPath = pathOf(rawTarget);
  const { path, segments } = readPath(rawPath);
  const parameters = readQuery(rawTarget.slice(rawPath.length + 1), repeatable);
  const override = parameters.find(([name]) => name.toLowerCase() === METHOD_OVERRIDE_PARAMETER);
  const query =
    override === undefined ? parameters : parameters.filter((parameter) => parameter !== override);
  return {
    method: readMethod(method, headers, override?.[1]),
    path,
    segments,
    query,
  };
}

/** What stands before the query of a raw target. */
export function pathOf(rawTarget: string): string {
  const mark = rawTarget.indexOf('?');
  return mark === -1 ? rawTarget : rawTarget.slice(0, mark);
}

/** The target to forward: `path` must be canonical; names and values of the query are encoded here. */
export function formatTarget(path: string, query: CanonicalTarget['query']): string {
  return path + formatQuery(query);
}

function readPath(raw: string): Pick<CanonicalTarget, 'path' | 'segments'> {
  if (PLAIN_PATH.test(raw)) return { path: raw, segments: raw.slice(1).split('/') };
  if (!raw.startsWith('/'))
    throw new PrivetError('TARGET_AMBIGUOUS', 'Only the origin form (/path) is read.');
  if (NEVER_IN_TARGET.test(raw))
    throw new PrivetError('TARGET_AMBIGUOUS', 'The path holds characters that must be encoded.');
  if (raw === '/') return { path: '/', segments: [] };
  const rawSegments = (raw.endsWith('/') ? raw.slice(1, -1) : raw.slice(1)).split('/');
  return {
    path: `/${rawSegments.map(normalSegment).join('/')}`,
    segments: rawSegments.map(readSegment),
  };
}

/** @throws PrivetError TARGET_AMBIGUOUS */
function readSegment(raw: string): string {
  const segment = decode(raw, 'path');
  if (NEVER_IN_SEGMENT.test(segment))
    throw new PrivetError('TARGET_AMBIGUOUS', 'The path hides a separator.');
  // Some servers cut off blanks and dots at the end, so `..%20` is `..` to them.
  if (/^[. ]*$/.test(segment))
    throw new PrivetError('TARGET_AMBIGUOUS', 'The path has an empty or dot segment.');
  if (/%[0-9a-f]{2}/i.test(segment)) throw new PrivetError('TARGET_AMBIGUOUS', 'The path is encoded twice.');
  return segment;
}

/**
 * RFC 3986 section 6.2.2: unreserved characters bare, upper-case hex; reserved ones stay as they came, bare or encoded.
 */
function normalSegment(raw: string): string {
  return raw
    .replace(/%[0-9a-fA-F]{2}/g, (triplet) => {
      const character = String.fromCharCode(Number.parseInt(triplet.slice(1), 16));
      return /[A-Za-z0-9._~-]/.test(character) ? character : triplet.toUpperCase();
    })
    .replace(/[^\w.~!$&'()*+,=:@%-]/g, encodeURIComponent);
}

function readQuery(raw: string, repeatable: (name: string) => boolean): (readonly [string, string])[] {
  if (NEVER_IN_TARGET.test(raw))
    throw new PrivetError('TARGET_AMBIGUOUS', 'The query holds characters that must be encoded.');
  const query = raw
    .split('&')
    .filter((pair) => pair !== '')
    .map(readPair);
  if (query.length > 1) refuseRepetition(query, repeatable);
  return query;
}

function readPair(pair: string): readonly [string, string] {
  const equals = pair.indexOf('=');
  const name = decodeForm(equals === -1 ? pair : pair.slice(0, equals));
  const value = equals === -1 ? '' : decodeForm(pair.slice(equals + 1));
  if (name === '') throw new PrivetError('TARGET_AMBIGUOUS', 'A query parameter has no name.');
  return [name, value];
}

/** Of a repeated parameter servers take the first, the last or a list; some compare names without case (OData 4.01). */
function refuseRepetition(
  query: readonly (readonly [string, string])[],
  repeatable: (name: string) => boolean,
): void {
  const seen = new Map<string, string>();
  for (const [name] of query) {
    const folded = name.toLowerCase();
    const before = seen.get(folded);
    if (before === undefined) seen.set(folded, name);
    else if (before !== name || !repeatable(name))
      throw new PrivetError('TARGET_AMBIGUOUS', 'A query parameter is repeated.');
  }
}

function decodeForm(text: string): string {
  const decoded = decode(text.includes('+') ? text.replaceAll('+', ' ') : text, 'query');
  if (decoded.includes('\0')) throw new PrivetError('TARGET_AMBIGUOUS', 'The query holds a NUL.');
  return decoded;
}

/** `decodeURIComponent` refuses broken triplets, overlong UTF-8 and encoded surrogates. */
function decode(text: string, where: 'path' | 'query'): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new PrivetError('TARGET_AMBIGUOUS', `The ${where} is not percent-encoded UTF-8.`, { cause });
  }
}

const formatted = new WeakMap<CanonicalTarget['query'], string>();

/** Remembered with the query, which equal requests share (see canonical-request.ts). */
function formatQuery(query: CanonicalTarget['query']): string {
  if (query.length === 0) return '';
  let text = formatted.get(query);
  if (text === undefined) {
    text = `?${query.map(([name, value]) => `${encodeQuery(name)}=${encodeQuery(value)}`).join('&')}`;
    formatted.set(query, text);
  }
  return text;
}

/** Blanks become `%20`, which every server reads alike, and `;` is encoded, which some read as `&`. */
function encodeQuery(text: string): string {
  if (PLAIN_QUERY.test(text)) return text;
  return encodeURI(text).replace(/[#&+;=?]/g, encodeURIComponent);
}

/** @throws PrivetError */
function readMethod(method: string, headers: IncomingHttpHeaders, parameter: string | undefined): string {
  let named = parameter;
  for (const header of METHOD_OVERRIDE_HEADERS) {
    const value = headers[header];
    if (value === undefined) continue;
    const text = String(value);
    if (named !== undefined && named.toUpperCase() !== text.toUpperCase()) {
      throw new PrivetError('TARGET_AMBIGUOUS', 'Two method overrides differ.');
    }
    named = text;
  }
  const effective = named === undefined ? method : named.toUpperCase();
  if (effective !== method && (method !== 'POST' || !/^[A-Z]+$/.test(effective))) {
    throw new PrivetError('TARGET_AMBIGUOUS', 'Only POST may name another method.');
  }
  if (effective === 'TRACE' || effective === 'CONNECT') throw new PrivetError('OPERATION_UNKNOWN', effective);
  return effective;
}

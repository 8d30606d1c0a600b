import type { IncomingMessage } from 'node:http';
import { type BoundedCache, createBoundedCache } from '../cache/bounded-cache.ts';
import type { Limits } from '../limits.ts';
import type { CrmRequest } from '../model/request.ts';
import type { Door } from './door.ts';
import { canonicalTarget, METHOD_OVERRIDE_HEADERS } from './wire/target.ts';

/** A request as it is matched and forwarded. */
export interface CanonicalRequest {
  /** Path with the door's prefix. */
  readonly path: string;
  /** The request without the prefix, and without its body. */
  readonly request: CrmRequest;
}

const known = new WeakMap<Door, BoundedCache<CanonicalRequest>>();

/**
 * Reads a request, or returns what an equal one was read as: applications send the same few again and again. Whatever
 * follows from a request alone (its operation, the target to forward) is remembered with it; reading it again is a
 * sixth of Privet's own work for a small answer.
 * @throws PrivetError TARGET_AMBIGUOUS, OPERATION_UNKNOWN
 */
export function canonicalRequest(
  { url = '', method = '', headers }: IncomingMessage,
  door: Door,
  limits: Pick<Limits, 'queryCacheMax' | 'queryCacheBytesMax'>,
): CanonicalRequest {
  if (METHOD_OVERRIDE_HEADERS.some((name) => headers[name] !== undefined)) {
    return read(url, method, headers, door);
  }
  let cache = known.get(door);
  if (cache === undefined) {
    cache = createBoundedCache(limits.queryCacheMax, limits.queryCacheBytesMax);
    known.set(door, cache);
  }
  // A target and a method have no blank in them, and a header has no line feed, so keys of two requests never collide.
  const key = `${method} ${url} ${headers.accept ?? ''}\n${headers['content-type'] ?? ''}`;
  const before = cache.get(key);
  if (before !== undefined) return before;
  const canonical = read(url, method, headers, door);
  cache.set(key, canonical);
  return canonical;
}

function read(url: string, sent: string, headers: IncomingMessage['headers'], door: Door): CanonicalRequest {
  const { method, path, query } = canonicalTarget(url, sent, headers, door.adapter.repeatable);
  const crmPath = path.slice(door.prefix.length) || '/';
  return {
    path,
    request: {
      method,
      path: crmPath,
      segments: crmPath === '/' ? [] : crmPath.slice(1).split('/').map(decodeURIComponent),
      query,
      contentType: (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '',
      accept: headers.accept ?? '',
    },
  };
}

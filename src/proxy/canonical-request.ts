import type { IncomingMessage } from 'node:http';
import { type BoundedCache, createBoundedCache } from '../crm/bounded-cache.ts';
import type { Limits } from '../limits.ts';
import type { CrmRequest } from '../model/request.ts';
import type { Door } from './door.ts';
import { canonicalTarget, METHOD_OVERRIDE_HEADERS } from './target.ts';

/** A request as it is matched and forwarded. */
export interface CanonicalRequest {
  /** With the door's prefix. */
  readonly path: string;
  /** Without it, and without a body. */
  readonly request: CrmRequest;
}

const known = new WeakMap<Door, BoundedCache<CanonicalRequest>>();

/**
 * Reads a request, or gives what an equal one was read as: applications send the same few again and again. Whatever follows from a
 * request alone is remembered with it (its operation, the target to forward), so all of that is done once: a sixth of Privet's own
 * work for a small answer.
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
  // No target or method holds a blank, and no header a line feed.
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

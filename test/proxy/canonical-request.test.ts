import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createSalesforceAdapter } from '../../src/crm/salesforce/adapter.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { canonicalRequest } from '../../src/proxy/canonical-request.ts';
import type { Door } from '../../src/proxy/door.ts';

const QUERY = '/services/data/v64.0/query?q=SELECT+Id+FROM+Contact';

function doorAt(prefix = ''): Door {
  return { adapter: createSalesforceAdapter(DEFAULT_LIMITS), prefix } as Door;
}

function sent(url: string, method = 'GET', headers: IncomingMessage['headers'] = {}): IncomingMessage {
  return { url, method, headers } as IncomingMessage;
}

describe('canonicalRequest', () => {
  it('gives one and the same object for requests that are the same', () => {
    const door = doorAt();
    const one = canonicalRequest(sent(QUERY), door, DEFAULT_LIMITS);
    expect(canonicalRequest(sent(QUERY), door, DEFAULT_LIMITS)).toBe(one);
    expect(one.request).toMatchObject({ method: 'GET', query: [['q', 'SELECT Id FROM Contact']] });
  });

  it.each([
    ['another method', sent(QUERY, 'POST')],
    ['another target', sent(`${QUERY}+LIMIT+1`)],
    ['another Accept', sent(QUERY, 'GET', { accept: 'text/csv' })],
    ['another Content-Type', sent(QUERY, 'GET', { 'content-type': 'text/csv' })],
  ])('reads %s for itself', (_, other) => {
    const door = doorAt();
    const one = canonicalRequest(sent(QUERY), door, DEFAULT_LIMITS);
    const another = canonicalRequest(other, door, DEFAULT_LIMITS);
    expect(another.request).not.toEqual(one.request);
  });

  it.each(['x-http-method-override', 'x-http-method', 'x-method-override'])(
    'does not take a request with %s for one without',
    (name) => {
      const door = doorAt();
      const posted = canonicalRequest(sent(QUERY, 'POST'), door, DEFAULT_LIMITS);
      const overridden = canonicalRequest(sent(QUERY, 'POST', { [name]: 'DELETE' }), door, DEFAULT_LIMITS);
      expect([posted, overridden].map(({ request }) => request.method)).toEqual(['POST', 'DELETE']);
      expect(canonicalRequest(sent(QUERY, 'POST'), door, DEFAULT_LIMITS).request.method).toBe('POST');
    },
  );

  it('takes the prefix of its own door off', () => {
    const target = `/sf${QUERY}`;
    const inner = canonicalRequest(sent(target), doorAt('/sf'), DEFAULT_LIMITS);
    const outer = canonicalRequest(sent(target), doorAt(), DEFAULT_LIMITS);
    expect([inner.path, outer.path]).toEqual([outer.request.path, outer.request.path]);
    expect(`/sf${inner.request.path}`).toBe(outer.request.path);
  });

  it.each([
    ['limits.queryCacheMax', { queryCacheMax: 1, queryCacheBytesMax: 10_000 }],
    ['limits.queryCacheBytesMax', { queryCacheMax: 100, queryCacheBytesMax: 100 }],
  ])('remembers no more than %s', (_, limits) => {
    const door = doorAt();
    const one = canonicalRequest(sent(QUERY), door, limits);
    canonicalRequest(sent(`${QUERY}+LIMIT+1`), door, limits);
    const again = canonicalRequest(sent(QUERY), door, limits);
    expect(again).not.toBe(one);
    expect(again).toEqual(one);
  });
});

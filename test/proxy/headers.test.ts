import { describe, expect, it } from 'vitest';
import { answerHeaders, refuseRepeatedHeaders, requestHeaders } from '../../src/proxy/headers.ts';
import { createLinks } from '../../src/proxy/links.ts';

const client = { address: '203.0.113.9', host: 'proxy.example', scheme: 'https' } as const;
const own = {
  forwarded: 'for=203.0.113.9;host="proxy.example";proto=https',
  'x-forwarded-for': '203.0.113.9',
  'x-forwarded-host': 'proxy.example',
  'x-forwarded-proto': 'https',
  via: '1.1 privet',
  'accept-encoding': 'identity',
};

function toCrm(headers: Record<string, string>, change: Partial<Parameters<typeof requestHeaders>[1]> = {}) {
  return requestHeaders(headers, {
    drop: new Set(['x-privet-key']),
    client,
    rewritesAnswer: true,
    viewId: 'aaaa',
    mustBeAnew: false,
    ...change,
  });
}

const links = createLinks('https://crm.example', [])({ origin: 'https://proxy.example', prefix: '' });

function toClient(
  headers: Record<string, string | string[]>,
  change: Partial<Parameters<typeof answerHeaders>[1]> = {},
) {
  return answerHeaders(headers, {
    requestId: 'r1',
    changesBody: true,
    viewId: 'aaaa',
    changesUnseen: false,
    varyOn: ['authorization', 'x-privet-key'],
    links,
    ...change,
  });
}

const always = {
  'cache-control': 'private',
  vary: 'authorization, x-privet-key',
  'x-privet-request-id': 'r1',
};

describe('headers to the CRM', () => {
  it('carry what the client says of itself and its request', () => {
    const kept = {
      authorization: 'Bearer a',
      'content-type': 'application/json',
      'x-sfdc-session': 'b',
      'user-agent': 'c',
    };
    expect(toCrm(kept)).toEqual({ ...kept, ...own });
  });

  it.each([
    'connection',
    'keep-alive',
    'proxy-connection',
    'proxy-authorization',
    'te',
    'trailer',
    'transfer-encoding',
    'upgrade',
    'http2-settings',
    'expect',
    'host',
    'content-length',
    'x-privet-key',
    'x-http-method-override',
    'x_http_method_override',
    'x-original-url',
    'x-rewrite-url',
    'x-forwarded-prefix',
    'x_forwarded_port',
    'x-real-ip',
    'salesforceproxy-endpoint',
    'range',
    'if-range',
    'if-modified-since',
  ])('do not carry %s', (name) => {
    expect(toCrm({ [name]: 'x' })).toEqual(own);
  });

  it.each(['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'])(
    'say %s themselves',
    (name) => {
      expect(toCrm({ [name]: 'for=198.51.100.1' })).toEqual(own);
    },
  );

  it('do not carry what Connection names', () => {
    expect(
      toCrm({
        connection: 'close, X-Secret ,authorization',
        'x-secret': 'a',
        authorization: 'b',
        accept: 'c',
      }),
    ).toEqual({
      accept: 'c',
      ...own,
    });
  });

  it('carry what says how the body is read, whatever Connection names', () => {
    const read = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    expect(toCrm({ connection: 'Content-Type, content-encoding', ...read })).toEqual({ ...read, ...own });
  });

  it('carry ranges where the answer passes untouched', () => {
    const kept = { range: 'bytes=0-1', 'if-range': '"1"', 'if-modified-since': 'x' };
    expect(toCrm(kept, { rewritesAnswer: false })).toMatchObject(kept);
  });

  it.each([
    ['gzip, deflate, br, zstd', 'gzip, deflate, br, zstd'],
    ['gzip;q=0.5, compress, bzip2, BR', 'gzip;q=0.5, BR'],
    ['compress', 'identity'],
    ['*', 'identity'],
    ['', 'identity'],
    ['gzip;q=x', 'identity'],
  ])('ask for %j as %j', (accepted, asked) => {
    expect(toCrm({ 'accept-encoding': accepted })['accept-encoding']).toBe(asked);
  });

  it('name the CRM’s own tags in conditions', () => {
    const headers = toCrm({ 'if-match': '"1--privet-aaaa"', 'if-none-match': '"1--privet-bbbb"' });
    expect(headers).toEqual({ ...own, 'if-match': '"1"' });
  });

  it('quote an IPv6 address', () => {
    expect(toCrm({}, { client: { ...client, address: '2001:db8::1' } })['forwarded']).toContain(
      'for="[2001:db8::1]"',
    );
  });
});

describe('headers to the client', () => {
  it('keep what the CRM says, duplicates too', () => {
    const kept = {
      'content-type': 'application/json',
      'set-cookie': ['a=1', 'b=2'],
      'sforce-limit-info': 'x',
      'content-encoding': 'gzip',
    };
    expect(toClient(kept)).toEqual({ ...kept, ...always });
  });

  it.each([
    'connection',
    'keep-alive',
    'transfer-encoding',
    'trailer',
    'upgrade',
    'proxy-authenticate',
    'alt-svc',
    'strict-transport-security',
    'surrogate-control',
    'content-length',
    'content-md5',
    'digest',
    'repr-digest',
    'content-digest',
    'accept-ranges',
    'content-range',
  ])('do not keep %s of a body that changes', (name) => {
    expect(toClient({ [name]: 'x' })).toEqual(always);
  });

  it('keep the length and digest of a body that does not change', () => {
    const kept = { 'content-length': '3', digest: 'x', etag: '"1"' };
    expect(toClient(kept, { changesBody: false, viewId: undefined })).toEqual({ ...kept, ...always });
  });

  it.each([
    [{}, '"1--privet-aaaa"'],
    [{ viewId: undefined }, undefined],
    [{ viewId: undefined, changesBody: false }, '"1"'],
    [{ changesBody: false }, '"1--privet-aaaa"'],
  ])('with %j have the tag %s', (change, etag) => {
    expect(toClient({ etag: '"1"' }, change)['etag']).toBe(etag);
  });

  it.each([
    ['public, max-age=60, s-maxage=600', 'private, max-age=60'],
    ['no-store', 'private, no-store'],
    ['private="x, y"', 'private, no-store'],
    ['must-revalidate', 'private, must-revalidate'],
  ])('make cache-control %s into %s', (value, made) => {
    expect(toClient({ 'cache-control': value })['cache-control']).toBe(made);
  });

  it.each([
    ['Accept', 'Accept, authorization, x-privet-key'],
    ['Authorization', 'Authorization, x-privet-key'],
    ['*', '*'],
  ])('make vary %s into %s', (value, made) => {
    expect(toClient({ vary: value })['vary']).toBe(made);
  });

  it('leave out values that no answer may hold', () => {
    expect(toClient({ 'x-a': 'a\u0000b', 'x-b': ['ok', 'a\nb'], 'x-c': '\u20ac' })).toEqual({
      'x-b': ['ok'],
      ...always,
    });
  });

  it('leave out what Connection names, and the CRM’s own request id', () => {
    expect(toClient({ connection: 'x-hop', 'x-hop': '1', 'x-privet-request-id': 'forged' })).toEqual(always);
  });

  it('lead back through the proxy', () => {
    expect(toClient({ location: 'https://crm.example/a' })['location']).toBe('https://proxy.example/a');
  });
});

describe('repeated headers', () => {
  it.each(['Host', 'Authorization', 'Content-Type'])('are refused for %s', (name) => {
    expect(() => refuseRepeatedHeaders([name, 'a', 'Accept', 'x', name.toLowerCase(), 'a'])).toThrow(
      'repeated',
    );
  });

  it('are allowed for lists', () => {
    expect(() =>
      refuseRepeatedHeaders(['Accept', 'a', 'Accept', 'b', 'Host', 'a', 'Content-Type', 'x']),
    ).not.toThrow();
  });
});

describe('headers of what rests on more than the CRM knows', () => {
  it('pass no condition on to the CRM by which it could say that nothing has changed', () => {
    const asked = {
      'if-none-match': '"1--privet-aaaa", "2"',
      'if-modified-since': 'Sun, 01 Nov 2026 10:00:00 GMT',
    };
    expect(toCrm(asked, { mustBeAnew: true, rewritesAnswer: false })).toEqual(own);
    expect(toCrm({ 'if-none-match': '*' }, { mustBeAnew: true })).toEqual(own);
  });

  it('give the client nothing by which it could ask, and a tag that no other answer has', () => {
    const answered = {
      etag: '"1"',
      'last-modified': 'Sun, 01 Nov 2026 10:00:00 GMT',
      'cache-control': 'public, max-age=600',
    };
    for (const changesBody of [true, false]) {
      expect(
        toClient(answered, { changesUnseen: true, changesBody, viewId: 'aaaa', requestId: 'r1' }),
      ).toEqual({
        ...always,
        etag: '"1--privet-aaaa.r1"',
        'cache-control': 'private, no-store',
        'x-privet-request-id': 'r1',
      });
    }
  });
});

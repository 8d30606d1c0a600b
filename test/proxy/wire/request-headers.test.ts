import { describe, expect, it } from 'vitest';
import { refuseRepeatedHeaders, requestHeaders } from '../../../src/proxy/wire/request-headers.ts';

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
    isUnconditional: false,
    ...change,
  });
}
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

  it('carry how the body is read, whatever Connection names', () => {
    const read = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    expect(toCrm({ connection: 'Content-Type, content-encoding', ...read })).toEqual({ ...read, ...own });
  });

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

  it('pass on no condition by which the CRM could say that nothing has changed, where the view may have', () => {
    const asked = {
      'if-none-match': '"1--privet-aaaa", "2"',
      'if-modified-since': 'Sun, 01 Nov 2026 10:00:00 GMT',
    };
    expect(toCrm(asked, { isUnconditional: true, rewritesAnswer: false })).toEqual(own);
    expect(toCrm({ 'if-none-match': '*' }, { isUnconditional: true })).toEqual(own);
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

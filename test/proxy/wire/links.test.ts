import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createLinks, proxyBase } from '../../../src/proxy/wire/links.ts';

const base = { origin: 'https://proxy.example', prefix: '/sf' };
const links = createLinks('https://acme.my.salesforce.com', ['login.salesforce.com', '*.my.salesforce.com'])(
  base,
);
const below = createLinks('https://crm.example:8443/espo/', [])(base);

describe('links', () => {
  it.each([
    ['https://acme.my.salesforce.com/services/data', 'https://proxy.example/sf/services/data'],
    ['https://acme.my.salesforce.com', 'https://proxy.example/sf'],
    ['https://acme.my.salesforce.com?x=1', 'https://proxy.example/sf?x=1'],
    ['HTTPS://ACME.my.Salesforce.com/x', 'https://proxy.example/sf/x'],
    ['http://acme.my.salesforce.com/x', 'https://proxy.example/sf/x'],
    ['https://acme.my.salesforce.com:443/x', 'https://proxy.example/sf/x'],
    ['https://acme.my.salesforce.com./x', 'https://proxy.example/sf/x'],
    ['https://user:pw@acme.my.salesforce.com/x', 'https://proxy.example/sf/x'],
    ['https://login.salesforce.com/id/00D/005', 'https://proxy.example/sf/id/00D/005'],
    ['https://acme--dev.my.salesforce.com/x', 'https://proxy.example/sf/x'],
    ['https://my.salesforce.com.evil.example/x', 'https://my.salesforce.com.evil.example/x'],
    ['https://acme.my.salesforce.com@evil.example/x', 'https://acme.my.salesforce.com@evil.example/x'],
    [
      'https://evil.example/https://acme.my.salesforce.com/',
      'https://evil.example/https://acme.my.salesforce.com/',
    ],
    ['/services/data/v59.0', '/services/data/v59.0'],
    ['see https://acme.my.salesforce.com/x', 'see https://acme.my.salesforce.com/x'],
    ['', ''],
  ])('in bodies lead %s to %s', (url, rewritten) => {
    expect(links.rewriteUrl(url)).toBe(rewritten);
  });

  it.each([
    ['https://crm.example:8443/espo/api/v1/Contact/1', 'https://proxy.example/sf/api/v1/Contact/1'],
    ['https://crm.example:8443/espo', 'https://proxy.example/sf'],
    ['https://crm.example:8443/espoo/x', 'https://crm.example:8443/espoo/x'],
    ['https://crm.example/espo/x', 'https://crm.example/espo/x'],
  ])('below a path lead %s to %s', (url, rewritten) => {
    expect(below.rewriteUrl(url)).toBe(rewritten);
  });

  it.each([
    ['location', '/services/x', '/sf/services/x'],
    ['location', '//acme.my.salesforce.com/x', 'https://proxy.example/sf/x'],
    ['location', 'https://login.salesforce.com/', 'https://proxy.example/sf/'],
    ['location', 'relative', 'relative'],
    ['odata-entityid', 'https://acme.my.salesforce.com/contacts(1)', 'https://proxy.example/sf/contacts(1)'],
    [
      'link',
      '<https://acme.my.salesforce.com/a?p=2>; rel="next", </a?p=9>; rel="last"',
      '<https://proxy.example/sf/a?p=2>; rel="next", </sf/a?p=9>; rel="last"',
    ],
    ['refresh', '0; url=https://acme.my.salesforce.com/a', '0; url=https://proxy.example/sf/a'],
  ])('in %s: %s leads to %s', (name, value, rewritten) => {
    expect(links.rewriteHeader(name, value)).toBe(rewritten);
  });

  it('in Location below a path lose the path and gain the prefix', () => {
    expect(below.rewriteHeader('location', '/espo/api/v1/x')).toBe('/sf/api/v1/x');
  });
});

function request(host?: string): IncomingMessage {
  return { headers: { host } } as IncomingMessage;
}

describe('the base of links', () => {
  it.each(['proxy.example', 'proxy.example:8080', '127.0.0.1:1', '[::1]:8080', 'localhost'])(
    'takes Host %s',
    (host) => {
      expect(proxyBase(request(host), true, '')).toEqual({ origin: `https://${host}`, prefix: '' });
    },
  );

  it.each([undefined, '', 'a b', 'a/b', 'a@b', 'a:b', 'a:1:2', 'a"b', 'a,b', '<a>', 'a:123456'])(
    'refuses Host %s',
    (host) => {
      expect(() => proxyBase(request(host), false, '')).toThrow('malformed');
    },
  );
});

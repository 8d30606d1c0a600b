import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PrivetError } from '../../../src/errors.ts';
import { canonicalTarget, formatTarget } from '../../../src/proxy/wire/target.ts';

const never = () => false;

function read(
  raw: string,
  method = 'GET',
  headers: Record<string, string> = {},
  repeatable: (name: string) => boolean = never,
) {
  return canonicalTarget(raw, method, headers, repeatable);
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof PrivetError ? error.code : String(error);
  }
  return 'accepted';
}

describe('canonicalTarget', () => {
  it.each([
    ['/', '/', []],
    ['/services/data/v59.0/query', '/services/data/v59.0/query', ['services', 'data', 'v59.0', 'query']],
    ['/services/data/v59.0/', '/services/data/v59.0', ['services', 'data', 'v59.0']],
    ['/%63ontacts/%7Eme', '/contacts/~me', ['contacts', '~me']],
    ['/a%2db%2Ec', '/a-b.c', ['a-b.c']],
    ['/contacts/ana%40acme.example', '/contacts/ana%40acme.example', ['contacts', 'ana@acme.example']],
    ['/contacts/ana@acme.example', '/contacts/ana@acme.example', ['contacts', 'ana@acme.example']],
    ["/contacts(email='a%27%2cb')", "/contacts(email='a%27%2Cb')", ["contacts(email='a',b')"]],
    ['/caf%c3%a9', '/caf%C3%A9', ['café']],
    ['/a[0]', '/a%5B0%5D', ['a[0]']],
    ['/.well-known/x', '/.well-known/x', ['.well-known', 'x']],
    ['/100%25', '/100%25', ['100%']],
    ['/a+b', '/a+b', ['a+b']],
  ])('reads path %s', (raw, path, segments) => {
    expect(read(raw)).toMatchObject({ path, segments });
  });

  it.each([
    '/public/../admin',
    '/public/%2e%2e/admin',
    '/public/.%2E/admin',
    '/./a',
    '/..',
    '/a/..%20/b',
    '/a/...',
    '//evil.example/a',
    '/a//b',
    '/a//',
    '/a%2fb',
    '/a%5cb',
    '/a\\b',
    '/a;jsessionid=1',
    '/a%3bb',
    '/a%00',
    '/a%0d%0aHost:x',
    '/a%c2%85b',
    '/%252e%252e/admin',
    '/a%252fb',
    '/%c0%ae%c0%ae/admin',
    '/a%zz',
    '/a%',
    '/a%e9',
    '/a%ed%a0%80',
    '/a\u00e9',
    '/a b',
    '/a#b',
    '/a?b#c',
    'http://crm.example/a',
    'crm.example:443',
    '*',
    '',
    'a',
    '/a?=1',
    '/a?q=%',
    '/a?q=%c0%ae',
    '/a?q=%00',
    '/a?id=1&id=2',
    '/a?id=1&i%64=2',
    '/a?$select=Id&$Select=Email',
  ])('refuses %j', (raw) => {
    expect(codeOf(() => read(raw))).toBe('TARGET_AMBIGUOUS');
  });

  it.each([
    ['/a?q=SELECT+Id+FROM+Contact', [['q', 'SELECT Id FROM Contact']], '?q=SELECT%20Id%20FROM%20Contact'],
    ['/a?q=1%2B1', [['q', '1+1']], '?q=1%2B1'],
    [
      '/a?$select=name,email&$top=5',
      [
        ['$select', 'name,email'],
        ['$top', '5'],
      ],
      '?$select=name,email&$top=5',
    ],
    ['/a?%24select=name', [['$select', 'name']], '?$select=name'],
    ['/a?describe', [['describe', '']], '?describe='],
    ['/a?', [], ''],
    ['/a?&a=1&&', [['a', '1']], '?a=1'],
    ['/a?x=a;b=c', [['x', 'a;b=c']], '?x=a%3Bb%3Dc'],
    ['/a?x=a\\b|"<>', [['x', 'a\\b|"<>']], '?x=a%5Cb%7C%22%3C%3E'],
    ['/a?x=/../%2e', [['x', '/../.']], '?x=/../.'],
    ['/a?x=%0A', [['x', '\n']], '?x=%0A'],
  ])('reads query of %s', (raw, query, search) => {
    const target = read(raw);
    expect(target.query).toEqual(query);
    expect(formatTarget(target.path, target.query)).toBe(target.path + search);
  });

  it('keeps repetitions of parameters that are lists', () => {
    const target = read('/a?properties=x&properties=y', 'GET', {}, (name) => name === 'properties');
    expect(formatTarget(target.path, target.query)).toBe(`${target.path}?properties=x&properties=y`);
  });

  it.each([
    ['POST', '/a?_HttpMethod=PATCH', {}, 'PATCH'],
    ['POST', '/a', { 'x-http-method-override': 'delete' }, 'DELETE'],
    ['POST', '/a', { 'x-http-method': 'MERGE' }, 'MERGE'],
    ['POST', '/a?_HttpMethod=PATCH', { 'x-method-override': 'PATCH' }, 'PATCH'],
    ['PATCH', '/a', { 'x-http-method-override': 'PATCH' }, 'PATCH'],
  ])('%s %s with %j counts as %4$s', (method, raw, headers, effective) => {
    const target = read(raw, method, headers);
    expect(target.method).toBe(effective);
    expect(formatTarget(target.path, target.query)).toBe(target.path);
  });

  it.each([
    ['GET', '/a', { 'x-http-method-override': 'DELETE' }, 'TARGET_AMBIGUOUS'],
    ['GET', '/a?_HttpMethod=PATCH', {}, 'TARGET_AMBIGUOUS'],
    ['POST', '/a?_HttpMethod=PATCH', { 'x-http-method-override': 'DELETE' }, 'TARGET_AMBIGUOUS'],
    ['POST', '/a', { 'x-http-method-override': 'PATCH, DELETE' }, 'TARGET_AMBIGUOUS'],
    ['POST', '/a?_HttpMethod=', {}, 'TARGET_AMBIGUOUS'],
    ['POST', '/a', { 'x-http-method-override': 'TRACE' }, 'OPERATION_UNKNOWN'],
    ['TRACE', '/a', {}, 'OPERATION_UNKNOWN'],
  ])('%s %s with %j is refused', (method, raw, headers, code) => {
    expect(codeOf(() => read(raw, method, headers))).toBe(code);
  });
});

/** RFC 3986 section 6.2.2.2, and the trailing slash. */
function unreserved(path = ''): string {
  return path
    .replace(/%[0-9a-f]{2}/gi, (triplet) => {
      const character = decodeURIComponent(triplet.replace(/%[89a-f]./i, '%25'));
      return /^[\w.~-]$/.test(character) ? character : triplet.toUpperCase();
    })
    .replace(/(.)\/$/, '$1');
}

const piece = fc.oneof(
  fc.constantFrom(
    '/',
    '.',
    '..',
    '%2e',
    '%2F',
    '%25',
    ';',
    '\\',
    '?',
    '&',
    '=',
    '+',
    '%20',
    '%c3%a9',
    '//',
    '#',
    '%41',
    '%',
  ),
  fc.string({ maxLength: 6 }),
  fc.string({ maxLength: 4 }).map((text) => encodeURIComponent(text.toWellFormed())),
);
const rawTarget = fc.array(piece, { maxLength: 12 }).map((pieces) => `/${pieces.join('')}`);

describe('canonicalTarget, for any target', () => {
  it('gives a form that reads as itself', () => {
    fc.assert(
      fc.property(rawTarget, (raw) => {
        let once: ReturnType<typeof read>;
        try {
          once = read(raw, 'GET', {}, () => true);
        } catch {
          return;
        }
        const forwarded = formatTarget(once.path, once.query);
        expect(read(forwarded, 'GET', {}, () => true)).toEqual(once);
      }),
      { numRuns: 5_000 },
    );
  });

  it('gives what a WHATWG URL parser leaves alone and reads alike', () => {
    fc.assert(
      fc.property(rawTarget, (raw) => {
        let target: ReturnType<typeof read>;
        try {
          target = read(raw, 'GET', {}, () => true);
        } catch {
          return;
        }
        const url = new URL(formatTarget(target.path, target.query), 'http://crm.example');
        expect(url.host).toBe('crm.example');
        expect(url.pathname).toBe(target.path);
        expect([...url.searchParams]).toEqual(target.query);
        expect(url.pathname.slice(1).split('/').map(decodeURIComponent)).toEqual(
          target.path === '/' ? [''] : target.segments,
        );
      }),
      { numRuns: 5_000 },
    );
  });

  it('maps two raw paths together only when RFC 3986 calls them equivalent', () => {
    fc.assert(
      fc.property(rawTarget, rawTarget, (left, right) => {
        const paths = [left, right].map((raw) => {
          try {
            return read(raw.split('?')[0] ?? '/').path;
          } catch {
            return undefined;
          }
        });
        if (paths[0] === undefined || paths[0] !== paths[1]) return;
        const [a, b] = [left, right].map(
          (raw) => new URL(raw.split('?')[0] ?? '/', 'http://crm.example').pathname,
        );
        // Characters outside RFC 3986 have no equivalence of their own: both must then be the same text once encoded.
        expect(decodeURIComponent(unreserved(a))).toBe(decodeURIComponent(unreserved(b)));
      }),
      { numRuns: 5_000 },
    );
  });
});

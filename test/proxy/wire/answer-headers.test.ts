import { describe, expect, it } from 'vitest';
import { answerHeaders } from '../../../src/proxy/wire/answer-headers.ts';
import { createLinks } from '../../../src/proxy/wire/links.ts';

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

  it('are inspected like words of the CRM where something is hidden and they may hold an address', () => {
    const scan = (text: string): string => text.replace(/\S+@\S+/, '[email]').replace('2026', '[phone]');
    const sent = {
      'x-found': 'ana@customer.example 2026',
      warning: ['199 - ana@customer.example', '110'],
      'x-version': '2026',
    };
    expect(toClient(sent, { scan })).toEqual({
      'x-found': '[email] [phone]',
      warning: ['199 - [email]', '110'],
      'x-version': '2026',
      ...always,
    });
    expect(toClient(sent)).toEqual({ ...sent, ...always });
    const link = { location: '/people?email=ana@customer.example' };
    expect(toClient(link, { scan })).toEqual({ ...link, ...always });
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

  it('give a view that changes unseen nothing to revalidate by, and a tag that no other answer has', () => {
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

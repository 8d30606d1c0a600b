import { describe, expect, it } from 'vitest';
import { canonicalEmail, createIdentify } from '../../../src/consent/person/identifier.ts';

const key = (use: string): Buffer => Buffer.alloc(32, use);
const identify = createIdentify({
  keys: { record: key('r'), email: key('e'), phone: key('p') },
  phoneRegion: 'ES',
  cacheMax: 100,
});

describe('an address is the same', () => {
  it.each([
    ['in other capitals', 'ANA@Example.COM', 'ana@example.com'],
    ['with blanks around it', ' \tana@example.com\u00a0', 'ana@example.com'],
    ['with characters that nobody sees', '\u200bana@exam\u00adple.com\ufeff', 'ana@example.com'],
    ['with the dot of the root', 'ana@example.com.', 'ana@example.com'],
    ['with a full stop of another script', 'ana@example。com', 'ana@example.com'],
    ['in wide letters', 'ana@ｅｘａｍｐｌｅ．com', 'ana@example.com'],
    ['as a name and as the DNS has it', 'ana@MÜNCHEN.example', 'ana@xn--mnchen-3ya.example'],
    ['composed and decomposed', 'ana@mu\u0308nchen.example', 'ana@xn--mnchen-3ya.example'],
    ['in its local part, composed and decomposed', 'jose\u0301@example.com', 'josé@example.com'],
  ])('%s', (_, one, other) => {
    expect(identify({ email: one })).toEqual(identify({ email: other }));
    expect(identify({ email: one })).toHaveLength(1);
  });

  it.each([
    ['with a tag', 'ana+news@example.com'],
    ['with dots', 'a.na@example.com'],
    ['at a domain below', 'ana@mail.example.com'],
    ['at what only looks like a domain', 'ana@example.com/ü'],
    ['at a number', 'ana@0x7f.1'],
  ])('is another one %s', (_, other) => {
    expect(identify({ email: other })).toHaveLength(1);
    expect(identify({ email: other })).not.toEqual(identify({ email: 'ana@example.com' }));
    expect(identify({ email: other })).not.toEqual(identify({ email: 'ana@127.0.0.1' }));
  });

  it.each([
    '',
    'ana',
    '@',
    'ana@',
    '@example.com',
    'a\0na@example.com',
    'a b@example.com',
    'a@b@c',

    `${'a'.repeat(320)}@b.cd`,
  ])('and %j is none', (text) => {
    expect(canonicalEmail(text)).toBeUndefined();
  });
});

describe('a number is the same', () => {
  it.each([
    '+34 600 100 200',
    '600100200',
    '600.100.200',
    '(0034) 600-100-200',
    '00 34 600 100 200',
    '+34600100200;ext=5',
    '６００１００２００',
    ' 600 10 02 00 ',
  ])('as %s', (phone) => {
    expect(identify({ phone })).toEqual(identify({ phone: '+34600100200' }));
  });

  it.each(['600 100 201', '+44 600 100 200', '12', 'call me'])('and not as %s', (phone) => {
    expect(identify({ phone })).not.toEqual(identify({ phone: '+34600100200' }));
  });
});

import { describe, expect, it } from 'vitest';
import { numbersSurvive, parseJsonObject } from '../../src/crm/json-body.ts';

describe('a body that a decision rests on', () => {
  it.each([['{"a":{"b":[1,{"c":"\\":"}]},"__proto__":1}'], ['{"a:b":"x\\\\","c" : null}'], ['{}']])(
    'is read: %s',
    (text) => {
      expect(parseJsonObject(Buffer.from(text))).toEqual(JSON.parse(text));
    },
  );

  it.each([
    ['duplicate names', Buffer.from('{"a":1,"a":2}')],
    ['duplicate names by escapes', Buffer.from('{"a":1,"\\u0061":2}')],
    ['duplicate names within', Buffer.from('[{"x":{"a":1,"a":2}}]')],
    ['duplicate prototypes', Buffer.from('{"__proto__":1,"__proto__":2}')],
    ['a byte order mark', Buffer.from('\ufeff{}')],
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['UTF-16', Buffer.from('{}', 'utf16le')],
    ['trailing data', Buffer.from('{}{}')],
    ['a list', Buffer.from('[]')],
    ['endless depth', Buffer.from('['.repeat(100_000) + ']'.repeat(100_000))],
    ['nothing', undefined],
  ])('is refused with %s', (_, body) => {
    expect(() => parseJsonObject(body)).toThrow(expect.objectContaining({ code: 'BODY_UNREADABLE' }));
  });
});

describe('numbers of a body that is written again', () => {
  it.each([
    '{"a":1,"b":-2.5,"c":0,"d":123456789012345,"e":true,"f":null}',
    '{"a":"12345678901234567890","b":"1e400","c":"\\"12345678901234567890"}',
    '[]',
  ])('survive in %s', (json) => {
    expect(numbersSurvive(Buffer.from(json))).toBe(true);
  });

  it.each([
    '[1234567890123456]',
    '{"a":1e400}',
    '[0.1234567890123456]',
    '["a\\\\",12345678901234567890]',
    '[1E5]',
  ])('may not survive in %s', (json) => {
    expect(numbersSurvive(Buffer.from(json))).toBe(false);
  });
});

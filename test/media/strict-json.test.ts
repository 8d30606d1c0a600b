import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MediaError } from '../../src/media/rewriter.ts';
import { parseStrictJson } from '../../src/media/strict-json.ts';
import { jsonArb } from './documents.ts';
import { INVALID_JSON } from './invalid-json.ts';

const parse = (body: string | Buffer) => parseStrictJson(Buffer.from(body), { depthMax: 8 });

describe('parseStrictJson', () => {
  it.each(['{"a":[1,2.50,"x",null,true]}', ' [] ', '"\\ud800"', '-0.0e-1', '{"a":{"a":1},"b":{"a":2}}'])(
    'parses %s as JSON.parse does',
    (body) => {
      expect(parse(body)).toEqual(JSON.parse(body));
    },
  );

  it.each(INVALID_JSON)('refuses %s', (_name, body, reason) => {
    expect(() => parse(body)).toThrow(expect.objectContaining({ name: 'MediaError', reason }));
  });

  it.each([
    '{"a":1,"a":1}',
    '{"a":1,"\\u0061":1}',
    '[{"x":{"b":1,"c":2,"b":3}}]',
    '{"__proto__":1,"__proto__":2}',
  ])('refuses the name that stands twice in %s', (body) => {
    expect(() => parse(body)).toThrow(expect.objectContaining({ reason: 'ambiguous' }));
  });

  it('takes __proto__ for a name like any other', () => {
    const value = parse('{"__proto__":{"admin":true}}') as { admin?: boolean };
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(value.admin).toBeUndefined();
  });

  it('never accepts what JSON.parse refuses', () => {
    const anyArb = fc.oneof(
      jsonArb,
      fc.string({ unit: fc.constantFrom(...Array.from('{}[]",:\\u0e-+.1 \ntrue')) }),
    );
    fc.assert(
      fc.property(anyArb, (body) => {
        let value: unknown;
        try {
          value = parse(body);
        } catch (error) {
          expect(error).toBeInstanceOf(MediaError);
          return;
        }
        expect(value).toEqual(JSON.parse(body));
      }),
      { numRuns: 3_000 },
    );
  });
});

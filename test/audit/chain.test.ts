import { describe, expect, it } from 'vitest';
import { GENESIS, seal, unseal } from '../../src/audit/chain.ts';
import { entryOf } from '../fixtures/audit.ts';

const place = { instance: '0123456789abcdef', seq: 7, prev: GENESIS, time: '2026-01-02T03:04:05.006Z' };

describe('a sealed event', () => {
  it('reads back as it was, with hash and place', () => {
    const sealed = seal(entryOf('r1'), place);
    expect(unseal(sealed.value.toString())).toEqual({
      ...entryOf('r1'),
      ...place,
      v: 1,
      id: `${place.instance}-7`,
      hash: sealed.hash,
    });
  });

  const whole = seal(entryOf('r1'), place).value.toString();
  it.each([
    ['another value', whole.replace('"allow"', '"deny"')],
    ['a member added', whole.replace('{', '{"a":1,')],
    ['a member named twice', whole.replace('"decision":"allow"', '"decision":"deny","decision":"allow"')],
    ['white space', whole.replace(',', ', ')],
    ['members in another order', whole.replace(/^\{("decision":"allow"),("id":"[^"]*")/, '{$2,$1')],
    ['another hash', whole.replace(/.(?="\}$)/, (digit) => (digit === '0' ? '1' : '0'))],
    ['no hash', whole.replace(/,"hash":"[0-9a-f]*"/, '')],
    ['something behind it', `${whole} `],
    ['half of it', whole.slice(0, whole.length / 2)],
    ['nothing', ''],
  ])('is not accepted with %s', (_what, text) => {
    expect(text).not.toBe(whole);
    expect(unseal(text)).toBeUndefined();
  });
});

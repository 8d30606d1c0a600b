import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createUnsubscribeTokens, type UnsubscribeLink } from '../../../src/consent/unsubscribe/link.ts';
import { DAY, NOON } from '../../fixtures/consent.ts';

const tokens = createUnsubscribeTokens(Buffer.alloc(32, 7));
const LINK: UnsubscribeLink = {
  who: { record: 'sales::0035g000000001lAAA', email: 'ana@acme.example', phone: '+34600100200' },
  purpose: 'marketing.email',
  state: 'objected',
  expires: NOON + DAY,
};

describe('a sealed link', () => {
  it('opens as it was made, until it expires', () => {
    const token = tokens.seal(LINK);
    expect(tokens.open(token, NOON)).toEqual({ link: LINK });
    expect(tokens.open(token, NOON + DAY)).toEqual({ refused: 'expired' });
  });

  it('is of another spelling each time, of few characters, and none that a URL encodes', () => {
    const made = Array.from({ length: 50 }, () => tokens.seal(LINK));
    expect(new Set(made).size).toBe(50);
    for (const token of made) expect(token).toMatch(/^[\w-]{100,300}$/);
  });

  it('opens with its own key alone', () => {
    const others = createUnsubscribeTokens(Buffer.alloc(32, 8));
    expect(others.open(tokens.seal(LINK), NOON)).toEqual({ refused: 'invalid' });
  });

  it('does not open when any bit of it is changed, or any end is missing', () => {
    const bytes = Buffer.from(tokens.seal(LINK), 'base64url');
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(7), fc.nat(bytes.length - 1), (at, bit, length) => {
        const changed = Buffer.from(bytes);
        changed[at] = changed[at]! ^ (1 << bit);
        for (const wrong of [changed, bytes.subarray(0, length)])
          expect(tokens.open(wrong.toString('base64url'), NOON)).toEqual({ refused: 'invalid' });
      }),
    );
  });

  it('is not made up', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(tokens.open(text, NOON)).toEqual({ refused: 'invalid' });
      }),
    );
    expect(tokens.open('A'.repeat(5_000), NOON)).toEqual({ refused: 'invalid' });
  });
});

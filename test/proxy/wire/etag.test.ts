import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { etagForView, ifMatchForView, ifNoneMatchForView } from '../../../src/proxy/wire/etag.ts';

const A = 'aaaa';
const B = 'bbbb';

describe('an ETag of a view', () => {
  it.each([
    ['"1"', '"1--privet-aaaa"'],
    ['W/"1"', 'W/"1--privet-aaaa"'],
    ['""', '"--privet-aaaa"'],
    ['1', undefined],
    ['"1', undefined],
    ['w/"1"', undefined],
    ['"a"b"', undefined],
  ])('of %s is %s', (etag, viewed) => {
    expect(etagForView(etag, A)).toBe(viewed);
  });

  it.each([
    ['"1--privet-aaaa"', A, '"1"'],
    ['W/"1--privet-aaaa"', A, 'W/"1"'],
    ['"1--privet-bbbb"', A, undefined],
    ['"1"', A, undefined],
    ['"1"', undefined, '"1"'],
    ['"1--privet-aaaa"', undefined, undefined],
    ['"1--privet-bbbb", "2--privet-aaaa" ,W/"3--privet-aaaa"', A, '"2", W/"3"'],
    ['"a,b--privet-aaaa"', A, '"a,b"'],
    ['*', A, '*'],
    ['not a tag', A, undefined],
    ['"1--privet-aaaa" "2"', A, undefined],
    ['"1--privet-bbbb--privet-aaaa"', A, undefined],
  ])('If-None-Match %s of view %s is %s for the CRM', (value, view, mapped) => {
    expect(ifNoneMatchForView(value, view)).toBe(mapped);
  });

  it.each([
    ['"1--privet-aaaa"', A, '"1"'],
    ['"1--privet-bbbb"', A, '"--privet-none"'],
    ['"1"', A, '"--privet-none"'],
    ['"1"', undefined, '"1"'],
    ['nonsense', A, '"--privet-none"'],
    ['*', A, '*'],
  ])('If-Match %s of view %s is %s for the CRM', (value, view, mapped) => {
    expect(ifMatchForView(value, view)).toBe(mapped);
  });

  it('is of one answer alone where it rests on more than the CRM knows: good for If-Match, and for nothing else', () => {
    const [one, other] = [randomUUID(), randomUUID()].map((id) => etagForView('"1"', A, id) ?? '');
    expect(one).not.toBe(other);
    expect(ifMatchForView(`${one}, "2--privet-aaaa", ${other}`, A)).toBe('"1", "2", "1"');
    for (const view of [B, undefined]) expect(ifMatchForView(String(one), view)).toBe('"--privet-none"');
    for (const view of [A, B, undefined]) expect(ifNoneMatchForView(String(one), view)).toBeUndefined();
  });

  it('comes back as the CRM’s own for the same view and never for another', () => {
    const opaque = fc.stringMatching(/^[!#-~]{0,20}$/).filter((text) => !text.includes('--privet-'));
    fc.assert(
      fc.property(opaque, fc.boolean(), (text, isWeak) => {
        const etag = `${isWeak ? 'W/' : ''}"${text}"`;
        const viewed = etagForView(etag, A) ?? '';
        expect(ifMatchForView(viewed, A)).toBe(etag);
        expect(ifNoneMatchForView(viewed, A)).toBe(etag);
        for (const other of [B, undefined]) {
          expect(ifMatchForView(viewed, other)).toBe('"--privet-none"');
          expect(ifNoneMatchForView(viewed, other)).toBeUndefined();
        }
      }),
    );
  });
});

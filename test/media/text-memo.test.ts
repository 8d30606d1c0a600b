import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoize, TextMemo } from '../../src/media/text-memo.ts';

describe('a memo of texts', () => {
  const texts = fc.array(
    fc.oneof(
      fc.constantFrom('', 'a', 'aa', '003A', '003B', 'x'.repeat(92), 'x'.repeat(93)),
      fc.string({ unit: 'grapheme' }),
    ),
    { maxLength: 30 },
  );

  it.each([0, 1, 2, 7, 1_000])(
    'gives what each text becomes in each use, whatever it remembers (%i)',
    (textsMax) => {
      fc.assert(
        fc.property(texts, (texts) => {
          const memo = new TextMemo<string>(textsMax);
          const one = memoize(memo, (text) => `one of ${text}`);
          const other = memoize(memo, (text) => `other of ${text}`);
          for (const text of texts) {
            const bytes = Buffer.from(`<${text}>`);
            expect(one.of(text)).toBe(`one of ${text}`);
            expect(other.ofBytes(bytes, 1, bytes.length - 1)).toBe(`other of ${text}`);
            expect(one.ofBytes(bytes, 1, bytes.length - 1)).toBe(`one of ${text}`);
          }
        }),
        { numRuns: 100 },
      );
    },
  );

  it('asks once for a text that it remembers', () => {
    let asked = 0;
    const counted = memoize(new TextMemo(100), (text) => `${text} ${++asked}`);
    expect([counted.of('ana'), counted.of('ana'), counted.ofBytes(Buffer.from('ana'), 0, 3)]).toEqual([
      'ana 1',
      'ana 1',
      'ana 1',
    ]);
  });
});

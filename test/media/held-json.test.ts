import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beginsLikeJson, namesIn } from '../../src/enforce/record/json-text.ts';
import { mayHoldJson } from '../../src/media/json/held-json.ts';

/** Of the content of a JSON string, as it is spelled between its quotes. */
function may(spelled: string): boolean {
  const bytes = Buffer.from(`"${spelled}"`);
  return mayHoldJson(bytes, 1, bytes.length - 1);
}

describe('a string may hold JSON', () => {
  it.each([
    ['an object', '{\\"email\\":1}'],
    ['an array', '[\\"a\\"]'],
    ['white space before it', '  {\\"email\\":1}'],
    ['an escaped line end before it', '\\n{\\"email\\":1}'],
    ['a byte order mark before it', '\ufeff{\\"email\\":1}'],
    ['a quote in an escape before it', '\\u007b\\u0022email\\u0022:1}'],
    ['a text before it', 'Form: {\\"email\\":\\"ana@acme.example\\"}'],
    ['cut off at its beginning', 'mail\\": \\"ana@acme.example\\"}'],
    ['white space before a colon', 'x \\"email\\" \\t\\r\\n : 1'],
    ['white space that JSON has not before a colon', 'x \\"email\\"\u00a0: 1'],
    ['escaped white space before a colon', 'x \\"email\\"\\u0020\\u00a0: 1'],
    ['an escaped quote', 'x \\u0022email\\u0022: 1'],
    ['an escaped colon', 'x \\"email\\"\\u003A 1'],
    ['JSON packed into it', 'x {\\"body\\": \\"{\\\\\\"email\\\\\\":1}\\"}'],
  ])('that is, or has: %s', (_, spelled) => {
    expect(may(spelled)).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['words', 'Call her after five.'],
    ['quoted words', 'She said \\"yes\\", twice: on Monday and on Friday.'],
    ['a path', 'kept in C:\\\\files: 2024'],
    ['a colon behind a line end', 'Phone\\n: 600'],
    ['quotes behind a colon', 'Name: \\"Ana\\"'],
  ])('not where it has %s', (_, spelled) => {
    expect(may(spelled)).toBe(false);
  });

  it('wherever its text begins like JSON or gives something a name, however it is spelled', () => {
    const piece = fc.constantFrom(
      '"',
      '\\',
      ':',
      '{',
      '[',
      ' ',
      '\n',
      '\t',
      '\f',
      '\v',
      '\u00a0',
      '\u2028',
      '\ufeff',
      '\\u0022',
      '\\u003a',
      'email',
      '2',
      'u',
      ',',
    );
    const pieces = fc.array(fc.tuple(piece, fc.boolean()), { maxLength: 12 });
    fc.assert(
      fc.property(pieces, (chosen) => {
        const text = chosen.map(([one]) => one).join('');
        const spelled = chosen.map(([one, isEscaped]) => spell(one, isEscaped)).join('');
        expect(JSON.parse(`"${spelled}"`)).toBe(text);
        // Without an escape there is no quote in it.
        if (spelled.includes('\\') && (beginsLikeJson(text) || namesIn(text).length > 0)) {
          expect(may(spelled)).toBe(true);
        }
      }),
      { numRuns: 5_000 },
    );
  });
});

function spell(text: string, isEscaped: boolean): string {
  if (!isEscaped) return JSON.stringify(text).slice(1, -1);
  return Array.from(text, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
}

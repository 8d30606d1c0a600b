import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { DETECTORS, type Treatment } from '../../src/model/treatment.ts';
import { compileTransform } from '../../src/transform/compile.ts';

const context = { field: 'Email', hash: () => 'A'.repeat(22), limits: DEFAULT_LIMITS };

const TREATMENTS: readonly Treatment[] = [
  { kind: 'remove' },
  { kind: 'null' },
  { kind: 'redact' },
  { kind: 'hash' },
  { kind: 'generalize', to: 'month' },
  { kind: 'generalize', to: 'year' },
  { kind: 'generalize', to: 'range', size: 10 },
  { kind: 'generalize', to: 'prefix', keep: 2 },
  { kind: 'mask', style: 'email' },
  { kind: 'mask', style: 'initials' },
  { kind: 'mask', style: 'keep-first', keep: 1 },
  { kind: 'mask', style: 'keep-last', keep: 4 },
  { kind: 'scan', find: DETECTORS },
];

describe.each(TREATMENTS)('every transform: %o', (treatment) => {
  const transform = compileTransform(treatment, context);

  it('keeps types: what is not a string or number becomes null', () => {
    expect(transform.boolean()).toBeNull();
    expect(transform.container()).toBeNull();
  });

  it('leaves an empty string empty wherever the member stays', () => {
    expect(transform.string('')).toBe(transform.structure === 'keep' ? '' : null);
  });

  it('gives a JSON number or null for a number, the same every time', () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })), (value) => {
        const lexeme = JSON.stringify(value);
        const result = transform.number(lexeme);
        expect(transform.number(lexeme)).toBe(result);
        if (result !== null) expect(typeof JSON.parse(result)).toBe('number');
      }),
    );
  });

  it('gives a string or null for any string, the same every time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const result = transform.string(text);
        expect(transform.string(text)).toBe(result);
        expect(result === null || result.isWellFormed()).toBe(true);
      }),
    );
  });
});

describe.each(TREATMENTS.filter(({ kind }) => kind === 'mask' || kind === 'redact' || kind === 'hash'))(
  'a transform that hides text: %o',
  (treatment) => {
    const transform = compileTransform(treatment, context);

    it('recognises its products, and never shows a value whole', () => {
      fc.assert(
        fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), (text) => {
          const result = transform.string(text) ?? '';
          expect(transform.recognises(result)).toBe(true);
          expect(transform.recognises(text) || result !== text).toBe(true);
        }),
      );
    });
  },
);

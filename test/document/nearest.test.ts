import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, mostAlike, nearest } from '../../src/document/nearest.ts';

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['read', 'read', 0],
    ['raed', 'read', 1],
    ['expotr', 'export', 1],
    ['serch', 'search', 1],
    ['kitten', 'sitting', 3],
  ])('%s → %s takes %d', (a, b, edits) => {
    expect(editDistance(a, b)).toBe(edits);
  });

  it('is the same both ways, and at most the longer length', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});

describe('nearest', () => {
  it.each([
    ['contact.emial', ['contact.phone', 'contact.email'], 'contact.email'],
    ['Contct', ['Account', 'Contact'], 'Contact'],
    ['contact', ['Contact'], 'Contact'],
    ['xyz', ['read', 'search'], undefined],
    ['a', ['bcd'], undefined],
    ['x'.repeat(100), ['x'.repeat(99)], undefined],
  ])('%s among %j is %s', (word, candidates, expected) => {
    expect(nearest(word, candidates)).toBe(expected);
  });
});

describe('mostAlike', () => {
  it('gives so many, the closest first, however far they are', () => {
    const words = ['spoolBytesMax', 'recordBytesMax', 'lockoutMs', 'spoolFilesMax'];
    expect(mostAlike('spoolBytesMaximum', words, 2)).toEqual(['spoolBytesMax', 'spoolFilesMax']);
    expect(mostAlike('x'.repeat(1_000), words, 2)).toHaveLength(2);
  });
});

import { describe, expect, it } from 'vitest';
import { redactTransform } from '../../src/transform/redact.ts';

describe('redact', () => {
  const transform = redactTransform({ kind: 'redact' });

  it.each([
    ['ana', '[redacted]'],
    [' ', '[redacted]'], // blanks are content
    ['a'.repeat(100_000), '[redacted]'], // the length does not show
    ['', ''], // and neither does anything in nothing
  ])('%#: shows a constant', (text, expected) => {
    expect(transform.string(text)).toBe(expected);
  });

  it.each([
    ['[redacted]', true],
    ['[redacted] and more', true], // half-edited
    ['redacted', false],
  ])('recognises %j: %s', (text, expected) => {
    expect(transform.recognises(text)).toBe(expected);
  });

  it('makes null of a number', () => {
    expect(transform.number('7')).toBeNull();
  });
});

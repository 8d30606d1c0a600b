import { describe, expect, it } from 'vitest';
import { scanTransform } from '../../src/transform/scan.ts';

describe('scan', () => {
  const transform = scanTransform(
    { kind: 'scan', find: ['email', 'phone'] },
    { limits: { scanBytesMax: 1_000 } },
  );

  it.each([
    ['Ask ana@example.com', 'Ask [email]'],
    ['Ask DNI 12345678Z', 'Ask DNI 12345678Z'], // not asked for
    ['a'.repeat(1_001), '[redacted]'], // over the limit
  ])('%#: shows what it does not find', (text, expected) => {
    expect(transform.string(text)).toBe(expected);
  });

  it.each([
    ['34612345678', null], // a phone saved as a number
    ['4711', '4711'],
    ['50000.00', '50000.00'], // its spelling stays
  ])('of the number %s → %s', (lexeme, expected) => {
    expect(transform.number(lexeme)).toBe(expected);
  });

  it.each([
    ['Ask [email] again', true],
    ['[redacted]', true],
    ['Ask [card]', false], // this scan does not write that
    ['Ask Ana', false],
  ])('recognises %j: %s', (text, expected) => {
    expect(transform.recognises(text)).toBe(expected);
  });
});

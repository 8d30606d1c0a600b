import { describe, expect, it } from 'vitest';
import { nullTransform } from '../../src/transform/null.ts';

describe('null', () => {
  const transform = nullTransform({ kind: 'null' });

  it('says what becomes of the member, and shows nothing of any value', () => {
    expect(transform.structure).toBe('null');
    expect([
      transform.string('ana'),
      transform.number('7'),
      transform.boolean(),
      transform.container(),
    ]).toEqual([null, null, null, null]);
  });

  it('has no product to recognise', () => {
    expect(transform.recognises('')).toBe(false);
  });
});

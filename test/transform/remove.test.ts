import { describe, expect, it } from 'vitest';
import { removeTransform } from '../../src/transform/remove.ts';

describe('remove', () => {
  const transform = removeTransform({ kind: 'remove' });

  it('says what becomes of the member, and shows nothing of any value', () => {
    expect(transform.structure).toBe('remove');
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

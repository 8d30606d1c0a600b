import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createBoundedCache } from '../../src/cache/bounded-cache.ts';

const MINUTE_MS = 60_000;

describe('what is remembered by text', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const kept = (cache: { readonly get: (key: string) => number | undefined }, keys: string): string =>
    Array.from(keys)
      .filter((key) => cache.get(key) !== undefined)
      .join('');

  it('is forgotten when there is too much of it, least recently used first', () => {
    const cache = createBoundedCache<number>(2, 1_000);
    cache.set('a', 1);
    cache.set('b', 2);
    cache.get('a');
    cache.set('c', 3);
    expect(kept(cache, 'abc')).toBe('ac');
  });

  it('is forgotten when its texts are too long', () => {
    const cache = createBoundedCache<number>(100, 3);
    for (const key of ['aa', 'b', 'b', 'c']) cache.set(key, 1);
    expect([cache.get('aa'), cache.get('b'), cache.get('c')]).toEqual([undefined, 1, 1]);
  });

  it('is forgotten when nobody has asked for it for two minutes, and stays while somebody does', () => {
    const cache = createBoundedCache<number>(100, 1_000);
    cache.set('a', 1);
    cache.set('b', 2);
    for (let minute = 0; minute < 4; minute++) {
      vi.advanceTimersByTime(MINUTE_MS);
      expect(cache.get('b')).toBe(2);
    }
    expect(kept(cache, 'ab')).toBe('b');
    vi.advanceTimersByTime(2 * MINUTE_MS);
    expect(kept(cache, 'ab')).toBe('');
    expect(vi.getTimerCount()).toBe(0);
    cache.set('c', 3);
    vi.advanceTimersByTime(2 * MINUTE_MS);
    expect(kept(cache, 'c')).toBe('');
  });
});

import { describe, expect, it } from 'vitest';
import { waitInWords, windowInWords } from '../../../src/enforce/limits/duration.ts';

const MINUTE_MS = 60_000;

describe('lengths of time in words', () => {
  it.each([
    [3_600_000, 'hour'],
    [90 * MINUTE_MS, '90 minutes'],
    [86_400_000, 'day'],
    [7 * 86_400_000, '7 days'],
    [1_000, 'second'],
    [90_000, '90 seconds'],
  ])('a window of %i ms is one of %s', (ms, words) => {
    expect(windowInWords(ms)).toBe(words);
  });

  it.each([
    [1, 'about 1 second'],
    [59_500, 'about 60 seconds'],
    [119_999, 'about 120 seconds'],
    [2 * MINUTE_MS, 'about 2 minutes'],
    [25 * MINUTE_MS - 1, 'about 25 minutes'],
    [119 * MINUTE_MS, 'about 119 minutes'],
    [5.2 * 3_600_000, 'about 6 hours'],
    [3 * 86_400_000, 'about 3 days'],
  ])('a wait of %i ms is %s', (ms, words) => {
    expect(waitInWords(ms)).toBe(words);
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import { type Grant, grantWarnings } from '../../../src/policy/grant.ts';
import { watchGrants } from '../../../src/policy/reload/grant-watch.ts';

const DAY = 86_400_000;
const START = Date.UTC(2026, 10, 25);
const grant = (what: string, days: number): Grant => ({
  file: 'p.yaml',
  line: 3,
  column: 7,
  what,
  end: START + days * DAY,
});

beforeEach(() => {
  vi.useFakeTimers({ now: START });
});
afterEach(() => {
  vi.useRealTimers();
});

function watching(grants: () => readonly Grant[]) {
  const told: string[] = [];
  const watch = watchGrants({
    grants,
    clock: Date.now,
    limits: DEFAULT_LIMITS,
    tell: ({ what }, state) => told.push(`${what} ${state}`),
  });
  return { told, watch };
}

describe('a watch over what ends by itself', () => {
  it('tells once when the end is near and once when it has come, at the moment', () => {
    const { told, watch } = watching(() => [grant('a', 15), grant('b', 3), grant('c', 90)]);
    expect(told).toEqual(['b ending']);
    vi.advanceTimersByTime(DAY - 1);
    expect(told).toEqual(['b ending']);
    vi.advanceTimersByTime(1);
    expect(told).toEqual(['b ending', 'a ending']);
    vi.advanceTimersByTime(2 * DAY);
    expect(told).toEqual(['b ending', 'a ending', 'b over']);
    expect([watch.count('running'), watch.count('ending'), watch.count('over')]).toEqual([1, 1, 1]);
    watch.close();
    vi.advanceTimersByTime(100 * DAY);
    expect(told).toHaveLength(3);
  });

  it('hears of what a reload brings, and does not repeat itself for what stays', () => {
    let grants = [grant('a', 3)];
    const { told, watch } = watching(() => grants);
    grants = [{ ...grant('a', 3), line: 30 }, grant('b', -1)];
    vi.advanceTimersByTime(DEFAULT_LIMITS.grantLookMsMax);
    expect(told).toEqual(['a ending', 'b over']);
    grants = [grant('a', 5)];
    vi.advanceTimersByTime(DEFAULT_LIMITS.grantLookMsMax);
    expect(told).toEqual(['a ending', 'b over', 'a ending']);
    watch.close();
  });
});

describe('warnings of what ends by itself', () => {
  it.each([
    [15, undefined],
    [14, 'a ends at 2026-12-09T00:00:00.000Z'],
    [0, 'a has ended at 2026-11-25T00:00:00.000Z'],
    [-400, 'a has ended at 2025-10-21T00:00:00.000Z'],
  ])('in %s days: %s', (days, message) => {
    const warnings = grantWarnings([grant('a', days)], START, DEFAULT_LIMITS.grantWarningMs);
    expect(warnings).toEqual(message === undefined ? [] : [{ file: 'p.yaml', line: 3, column: 7, message }]);
  });
});

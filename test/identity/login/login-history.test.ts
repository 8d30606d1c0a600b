import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createLoginHistory,
  type LoginEvent,
  type LoginHistory,
} from '../../../src/identity/login/login-history.ts';

const LIMITS = { loginCoalesceMs: 60_000, loginEventsMax: 3 };

const refused = (address: string): LoginEvent => ({
  login: { outcome: 'refused', via: 'jwt', because: 'unknown', address, count: 1 },
});

describe('the history of logins', () => {
  let told: LoginEvent[];
  let history: LoginHistory;
  const counts = () => told.map(({ login }) => [login.address, login.count]);

  beforeEach(() => {
    vi.useFakeTimers();
    told = [];
    history = createLoginHistory(LIMITS, (event) => told.push(event));
  });
  afterEach(() => vi.useRealTimers());

  it('tells the first at once, and those that follow as one', () => {
    for (let times = 0; times < 500; times++) history.note(refused('a'));
    expect(counts()).toEqual([['a', 1]]);
    vi.advanceTimersByTime(60_000);
    expect(counts()).toEqual([
      ['a', 1],
      ['a', 499],
    ]);
    vi.advanceTimersByTime(120_000);
    expect(told).toHaveLength(2);
    history.note(refused('a'));
    expect(counts().at(-1)).toEqual(['a', 1]);
  });

  it('keeps to its rate while it goes on for long', () => {
    for (let second = 0; second < 600; second++) {
      history.note(refused('a'));
      vi.advanceTimersByTime(1_000);
    }
    history.close();
    expect(told.length).toBeLessThanOrEqual(12);
    expect(told.reduce((sum, { login }) => sum + login.count, 0)).toBe(600);
  });

  it('counts together what is of too many kinds, and loses none', () => {
    for (let index = 0; index < 100; index++) history.note(refused(`net ${index}`));
    history.close();
    expect(told.length).toBeLessThanOrEqual(5);
    expect(told.reduce((sum, { login }) => sum + login.count, 0)).toBe(100);
    expect(told.at(-1)?.login).not.toHaveProperty('address');
  });

  it('tells who was accepted apart', () => {
    const accepted = (id: string): LoginEvent => ({
      login: { outcome: 'accepted', via: 'jwt', address: 'a', count: 1 },
      principal: { id, roles: [], purposes: [], via: 'jwt' },
    });
    history.note(accepted('ana'));
    history.note(accepted('ben'));
    expect(told.map(({ principal }) => principal?.id)).toEqual(['ana', 'ben']);
  });
});

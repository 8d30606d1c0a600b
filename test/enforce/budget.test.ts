import { describe, expect, it } from 'vitest';
import { createBudget } from '../../src/enforce/budget.ts';
import { Refusal } from '../../src/enforce/refusal.ts';

describe('a budget of values', () => {
  it('is each principal’s own, ends, and begins anew after a minute', () => {
    let now = 0;
    const budget = createBudget(() => now, 10);
    budget.take('ana', 10);
    budget.take('ben', 10);
    expect(() => budget.take('ana', 1)).toThrow(Refusal);
    now = 59_999;
    expect(() => budget.take('ben', 1)).toThrow('token vault');
    now = 60_000;
    expect(() => budget.take('ana', 10)).not.toThrow();
  });
});

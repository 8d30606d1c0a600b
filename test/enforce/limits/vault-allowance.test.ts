import { describe, expect, it } from 'vitest';
import { createVaultAllowance } from '../../../src/enforce/limits/vault-allowance.ts';
import { Refusal } from '../../../src/enforce/refusal.ts';

describe('an allowance of values', () => {
  it('is each principal’s own, ends, and begins anew after a minute', () => {
    let now = 0;
    const allowance = createVaultAllowance(() => now, 10);
    allowance.take('ana', 10);
    allowance.take('ben', 10);
    expect(() => allowance.take('ana', 1)).toThrow(Refusal);
    now = 59_999;
    expect(() => allowance.take('ben', 1)).toThrow('token vault');
    now = 60_000;
    expect(() => allowance.take('ana', 10)).not.toThrow();
    now = -3_600_000;
    expect(() => allowance.take('ana', 10)).not.toThrow();
  });
});

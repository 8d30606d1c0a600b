import { Refusal } from '../refusal.ts';

const MINUTE_MS = 60_000;

/** Values taken from the vault by each principal within the minute. */
export interface VaultAllowance {
  /** @throws Refusal when a principal has had its share */
  readonly take: (principal: string, values: number) => void;
}

/**
 * Limits how many values a principal may take from the vault: whoever may see values one by one must not be able to
 * carry all of them out.
 * @param clock milliseconds
 * @param valuesMax for one principal within a minute
 */
export function createVaultAllowance(clock: () => number, valuesMax: number): VaultAllowance {
  let since = clock();
  let taken = new Map<string, number>();
  return {
    take: (principal, values) => {
      // Also when the clock was set back.
      if (Math.abs(clock() - since) >= MINUTE_MS) {
        since = clock();
        taken = new Map();
      }
      const sum = (taken.get(principal) ?? 0) + values;
      taken.set(principal, sum);
      if (sum <= valuesMax) return;
      throw new Refusal({
        policy: 'limits.detokenizedPerMinuteMax',
        message: 'More values were asked of the token vault than one principal may have in a minute.',
      });
    },
  };
}

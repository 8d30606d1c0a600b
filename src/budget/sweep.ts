import type { Limits } from '../limits.ts';
import type { ReadingBudget } from './reading-budget.ts';

/**
 * Sweeps every `budgetSweepMs`.
 * @param failed told of what stayed
 * @returns how to stop it
 */
export function sweepNowAndThen(
  { sweep }: Pick<ReadingBudget, 'sweep'>,
  { budgetSweepMs }: Pick<Limits, 'budgetSweepMs'>,
  failed: (error: unknown) => void,
): () => void {
  const timer = setInterval(() => void sweep().catch(failed), budgetSweepMs);
  return () => clearInterval(timer);
}

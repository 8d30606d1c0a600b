import type { Complain, Placed, PolicyDocument } from './language/documents.ts';

/** How many distinct records a principal may be shown within a time. */
export interface LimitRule {
  readonly records: number;
  readonly perMs: number;
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** Over more than a month, a budget says nothing about how somebody works. */
const DAYS_MAX = 31;

/** The `limit` of a policy. Mistakes go to `complain`. */
export function limitRule(
  { content, source }: Placed<PolicyDocument>,
  complain: Complain,
): LimitRule | undefined {
  const { limit } = content;
  if (limit === undefined) return undefined;
  const perMs = Number.parseInt(limit.per, 10) * (UNIT_MS[limit.per.slice(-1)] ?? Number.NaN);
  if (!(perMs <= DAYS_MAX * 86_400_000)) {
    complain(source, ['limit', 'per'], `found ${limit.per}, expected at most ${DAYS_MAX}d`);
  }
  return { records: limit.records, perMs };
}

import { planHouse } from '../app/plan.ts';
import { formatProblem } from '../document/problem.ts';
import type { ExitCode } from './exit-code.ts';

export interface CheckOptions {
  readonly config: string;
  /** Says one by one what a warning sums up. */
  readonly details?: boolean;
}

/** `privet check`: everything that would keep `serve` from starting, at once. */
export async function check(options: CheckOptions): Promise<ExitCode> {
  const { plan, problems, warnings } = await planHouse(options.config, process.env);
  const isBrief = options.details !== true;
  for (const warning of warnings.flatMap((one) => (isBrief ? one : (one.details ?? one))))
    process.stderr.write(`${formatProblem(warning)} (warning)\n`);
  if (isBrief && warnings.some(({ details }) => details !== undefined))
    process.stderr.write('`privet check --details` names the fields\n');
  for (const problem of problems) process.stdout.write(`${formatProblem(problem)}\n`);
  if (plan === undefined) return 1;
  process.stdout.write(`${options.config}: all well\n`);
  return 0;
}

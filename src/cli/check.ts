import { planHouse } from '../app.ts';
import { formatProblem } from '../document/problem.ts';
import type { ExitCode } from './exit-code.ts';

/** `privet check`: everything that would keep `serve` from starting, at once. */
export async function check(options: { readonly config: string }): Promise<ExitCode> {
  const { plan, problems, warnings } = await planHouse(options.config, process.env);
  for (const warning of warnings) process.stderr.write(`${formatProblem(warning)} (warning)\n`);
  for (const problem of problems) process.stdout.write(`${formatProblem(problem)}\n`);
  if (plan === undefined) return 1;
  process.stdout.write(`${options.config}: all well\n`);
  return 0;
}

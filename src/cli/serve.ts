import { once } from 'node:events';
import { openHouse, planHouse } from '../app.ts';
import { formatProblem } from '../document/problem.ts';
import type { ExitCode } from './exit-code.ts';

/** `privet serve`: runs until SIGTERM or SIGINT, then drains. */
export async function serve(options: { readonly config: string }): Promise<ExitCode> {
  const { plan, problems, warnings } = await planHouse(options.config, process.env);
  for (const problem of [...problems, ...warnings]) process.stderr.write(`${formatProblem(problem)}\n`);
  if (plan === undefined) return 1;
  const stopped = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  const house = await openHouse(plan);
  await stopped;
  await house.close();
  return 0;
}

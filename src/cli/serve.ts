import { openHouse } from '../app/app.ts';
import { planHouse } from '../app/plan.ts';
import { formatProblem } from '../document/problem.ts';
import type { ExitCode } from './exit-code.ts';

/** `privet serve`: runs until SIGTERM or SIGINT, then drains; at a second one it cuts off what still runs. */
export async function serve(options: { readonly config: string }): Promise<ExitCode> {
  // From the beginning: whoever stops Privet while it starts is heard too.
  const stopped = nextStopSignal();
  const { plan, problems, warnings } = await planHouse(options.config, process.env);
  for (const warning of warnings) process.stderr.write(`${formatProblem(warning)} (warning)\n`);
  for (const problem of problems) process.stderr.write(`${formatProblem(problem)}\n`);
  if (plan === undefined) return 1;
  const house = await openHouse(plan);
  await stopped;
  const hurry = new AbortController();
  void nextStopSignal().then(() => hurry.abort());
  await house.close(hurry.signal);
  return 0;
}

function nextStopSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', resolve).once('SIGINT', resolve);
  });
}

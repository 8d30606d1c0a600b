import { once } from 'node:events';
import { openHouse } from '../app.ts';
import { formatProblem } from '../document/problem.ts';
import type { ExitCode } from './cli.ts';

/** `privet serve`: runs until SIGTERM or SIGINT, then drains. */
export async function serve(options: { readonly config: string }): Promise<ExitCode> {
  const opened = await openHouse(options.config, process.env);
  if (opened.house === undefined) {
    for (const problem of opened.problems) process.stderr.write(`${formatProblem(problem)}\n`);
    return 1;
  }
  const stopped = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  await opened.house.open();
  await stopped;
  await opened.house.close();
  return 0;
}

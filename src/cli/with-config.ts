import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { formatProblem } from '../document/problem.ts';
import type { ExitCode } from './exit-code.ts';

/** Loads a configuration for a command; its problems go to standard error, and then the exit status is 1. */
export async function withConfig(
  file: string,
  use: (config: Config) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { config, problems } = loadConfig(file, process.env);
  for (const problem of problems) process.stderr.write(`${formatProblem(problem)}\n`);
  return config === undefined ? 1 : use(config);
}

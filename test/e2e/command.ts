import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { vi } from 'vitest';
import { runCli } from '../../src/cli/cli.ts';

export interface CommandResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

type Environment = Readonly<Record<string, string>>;

/** Runs `privet …` in this process: starting another one takes longer than most commands. */
export async function privet(args: readonly string[], environment: Environment = {}): Promise<CommandResult> {
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[name], 'write').mockImplementation((chunk) => {
      written[name] += chunk.toString();
      return true;
    });
  }
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  try {
    return { exitCode: await runCli(args), ...written };
  } finally {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  }
}

/** Starts `privet …` as a process of its own. */
export function startPrivet(args: readonly string[], environment: Environment) {
  const child = spawn(process.execPath, ['--import', 'tsx', resolve('src/main.ts'), ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk: Buffer) => {
      written[name] += chunk.toString();
    });
  }
  const ended = once(child, 'close').then((): CommandResult => ({ exitCode: child.exitCode, ...written }));
  return { kill: (signal: NodeJS.Signals) => child.kill(signal), ended };
}

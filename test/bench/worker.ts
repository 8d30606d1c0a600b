import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** What a process has used so far. */
export interface Usage {
  /** Of all its threads, in user and system mode. */
  readonly cpuMs: number;
  readonly rssBytes: number;
}

/** A process of the bench, as the bench sees it. */
export interface Worker {
  /** What the process said first: for servers, their port. */
  readonly ready: unknown;
  readonly ask: (question: object | string) => Promise<unknown>;
  readonly stop: () => Promise<void>;
}

export interface WorkerOptions {
  readonly file: string;
  readonly args?: readonly string[];
  /** Directory for a CPU profile of the process. */
  readonly profile?: string | undefined;
}

/**
 * Starts a file of this folder as a process of its own: client, proxies and upstream share nothing but the machine's cores.
 * Node runs the TypeScript as it is, without a loader that would show in profiles.
 */
export async function startWorker({ file, args = [], profile }: WorkerOptions): Promise<Worker> {
  const execArgv = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args, { execArgv });
  const ready = await messageFrom(child, file);
  return {
    ready,
    ask: (question) => {
      child.send(question);
      return messageFrom(child, file);
    },
    stop: async () => {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}

async function messageFrom(child: ChildProcess, file: string): Promise<unknown> {
  const settled = new AbortController();
  const { signal } = settled;
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([message]: unknown[]) => message),
      once(child, 'exit', { signal }).then(([code]: unknown[]) => {
        throw new Error(`${file} ended with ${String(code)}`);
      }),
    ]);
  } finally {
    settled.abort();
  }
}

/** In a worker: says the first word, then answers questions until the bench lets go. */
export function serveBench(ready: unknown, answer: (question: unknown) => unknown): void {
  const reply = async (question: unknown): Promise<void> => {
    process.send?.(await answer(question));
  };
  process.on('message', (question) => void reply(question));
  process.on('disconnect', () => process.exit());
  process.send?.(ready);
}

/** In a worker that is a server: says the port, then what the process has used whenever it is asked. */
export function serveUsage(port: number): void {
  serveBench(port, (): Usage => {
    const { user, system } = process.cpuUsage();
    return { cpuMs: (user + system) / 1000, rssBytes: process.memoryUsage.rss() };
  });
}

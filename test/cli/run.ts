import { vi } from 'vitest';
import { runCli } from '../../src/cli/cli.ts';

export interface Ran {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command in this process and keeps what it writes. */
export async function run(...argv: string[]): Promise<Ran> {
  let out = '';
  let err = '';
  const written = [
    vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
      out += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
      return true;
    }),
    vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
      err += String(chunk);
      return true;
    }),
  ];
  try {
    const exitCode = await runCli(argv);
    return { exitCode, out, err };
  } finally {
    for (const spy of written) spy.mockRestore();
  }
}

import type { ExitCode } from './cli.ts';
export async function demo(_options: { readonly once: boolean }): Promise<ExitCode> {
  return 0;
}

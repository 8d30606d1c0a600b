import type { ExitCode } from './exit-code.ts';
export interface DemoOptions {
  readonly once: boolean;
}

export async function demo(_options: DemoOptions): Promise<ExitCode> {
  return 0;
}

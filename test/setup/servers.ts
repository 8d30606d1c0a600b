import { execFileSync, spawnSync } from 'node:child_process';

/** Programs that tests start for themselves, and the Debian packages they are in. */
const PROGRAMS = [
  { command: 'redis-server', debianPackage: 'redis-server' },
  { command: 'openssl', debianPackage: 'openssl' },
  { command: 'chromium', debianPackage: 'chromium' },
] as const;

function isOnPath(command: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
}

/** Runs once before all tests: a missing one is installed where that can be done, and named where it cannot. */
export default function setup(): void {
  for (const { command, debianPackage } of PROGRAMS) {
    if (isOnPath(command)) continue;
    try {
      const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
      execFileSync('apt-get', ['update', '-qq'], { stdio: 'ignore', env });
      execFileSync('apt-get', ['install', '-y', '-qq', debianPackage], { stdio: 'ignore', env });
    } catch {
      // The line below says what is missing.
    }
    if (!isOnPath(command)) {
      throw new Error(
        `The tests need ${command} on PATH: install it (Debian: apt-get install ${debianPackage}).`,
      );
    }
  }
}

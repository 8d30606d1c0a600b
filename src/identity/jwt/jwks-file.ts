import { readFileSync, statSync } from 'node:fs';
import { PrivetError } from '../../errors.ts';
import { type KeySource, parseJwks } from './jwks.ts';

function stampOf(path: string): string {
  const { mtimeMs, size, ino } = statSync(path);
  return `${mtimeMs}:${size}:${ino}`;
}

/**
 * Signing keys from a file, read again when it changes. A file that has become unreadable leaves the last keys in
 * force.
 * @throws PrivetError IDENTITY_UNUSABLE when the file cannot be read at the start
 */
export function createJwksFile(path: string, warn: (problem: string) => void): KeySource {
  const load = () => ({ stamp: stampOf(path), keys: parseJwks(readFileSync(path, 'utf8')) });
  let current: ReturnType<typeof load>;
  try {
    current = load();
  } catch (cause) {
    throw new PrivetError('IDENTITY_UNUSABLE', `The signing keys ${path} cannot be read.`, { cause });
  }
  return (header, token) => {
    try {
      if (stampOf(path) !== current.stamp) current = load();
    } catch {
      warn(`The signing keys ${path} cannot be read again; the last ones stay in force.`);
    }
    return current.keys(header, token);
  };
}

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Another process, or another store of this one, holds the directory. */
export class StoreInUse extends Error {
  constructor(directory: string, options: { readonly cause: unknown }) {
    super(`The store ${directory} is in use: another process is writing to it.`, options);
    this.name = 'StoreInUse';
  }
}

/**
 * Holds a directory for one writer, until `release` or the end of the process. The lock is the kernel's own (POSIX byte
 * ranges, taken by SQLite: https://sqlite.org/lockingv3.html), so kill -9 and a crash let go of it at once. A file with
 * a process id in it could not do that safely: after a restart in a container the same id is another process, and two
 * containers cannot see each other's ids.
 *
 * @throws StoreInUse
 */
export function lockForWriting(directory: string): { readonly release: () => void } {
  const lock = new DatabaseSync(join(directory, 'writer.lock'));
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    throw new StoreInUse(directory, { cause });
  }
  return { release: () => lock.close() };
}

import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import type { Limits } from '../../limits.ts';
import { directoriesBelow } from '../compile/load.ts';

export interface WatchOptions {
  readonly directories: readonly string[];
  readonly limits: Limits;
  /** Called after changes have settled. */
  readonly onChange: () => void;
  /** A directory cannot be watched (the kernel's inotify limit, permissions). */
  readonly onError: (error: unknown) => void;
}

export interface PolicyWatch {
  readonly close: () => void;
}

interface Watched {
  /** Device, inode and birth (inodes are used again): another directory under the same name needs another watcher. */
  readonly identity: string;
  readonly watcher: FSWatcher;
}

/**
 * Watches directories and all below them. Directories are watched, never files: editors write a new file and rename it,
 * and Kubernetes swaps the `..data` link of a mounted ConfigMap, after both of which the watched file is gone. The
 * parent of each directory is watched for its name, so that a directory that is itself swapped is found again.
 *
 * Resolves when all watchers are in place: a change after that is seen.
 */
export async function watchPolicies(options: WatchOptions): Promise<PolicyWatch> {
  const { directories, limits, onChange, onError } = options;
  const watched = new Map<string, Watched>();
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  let rescanning: Promise<void> = Promise.resolve();

  const settle = async (): Promise<void> => {
    await rescan().catch(onError);
    if (!closed) onChange();
  };

  const touched = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      // Watchers first: a change while they are put in place is then seen by the load that follows.
      rescanning = rescanning.then(settle);
    }, limits.policyDebounceMs);
    timer.unref();
  };

  const place = async (path: string, only?: string): Promise<void> => {
    const { dev, ino, birthtimeMs } = await stat(path);
    const key = only === undefined ? path : `${path}\n${only}`;
    const identity = `${dev}:${ino}:${birthtimeMs}`;
    if (closed || watched.get(key)?.identity === identity) return;
    watched.get(key)?.watcher.close();
    const watcher = watch(path, { persistent: false }, (_, name) => {
      if (only === undefined || name === null || name === only) touched();
    });
    watcher.on('error', onError);
    watched.set(key, { identity, watcher });
  };

  const rescan = async (): Promise<void> => {
    const found = new Set<string>();
    for (const directory of directories) {
      const root = resolve(directory);
      const parent = `${dirname(root)}\n${basename(root)}`;
      found.add(parent);
      await place(dirname(root), basename(root)).catch(onError);
      for await (const path of directoriesBelow(root, limits, () => undefined)) {
        found.add(path);
        await place(path).catch(onError);
      }
    }
    for (const [key, { watcher }] of watched) {
      if (found.has(key)) continue;
      watcher.close();
      watched.delete(key);
    }
  };

  await rescan();
  return {
    close: () => {
      closed = true;
      clearTimeout(timer);
      for (const { watcher } of watched.values()) watcher.close();
      watched.clear();
    },
  };
}

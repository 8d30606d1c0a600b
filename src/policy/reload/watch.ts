import { type FSWatcher, watch } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Limits } from '../../limits.ts';
import { directoriesBelow } from '../compile/load.ts';
import { entriesBehind } from './links.ts';

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

/** Directories to watch, each with the names in it that matter; `all` of them. */
type Places = Map<string, Set<string> | 'all'>;

/**
 * Watches directories and all below them. Directories are watched, never files: editors write a new file and rename it,
 * and Kubernetes swaps the `..data` link of a mounted ConfigMap, after both of which the watched file is gone. Entries
 * above a directory, and those that links lead to, are watched by name, so that a swapped one is noticed.
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

  let places: Places = new Map();

  const place = async (path: string): Promise<void> => {
    const { dev, ino, birthtimeMs } = await stat(path);
    const identity = `${dev}:${ino}:${birthtimeMs}`;
    if (closed || watched.get(path)?.identity === identity) return;
    watched.get(path)?.watcher.close();
    const watcher = watch(path, { persistent: false }, (_, name) => {
      const names = places.get(path);
      if (names === 'all' || name === null || names?.has(name) === true) touched();
    });
    watcher.on('error', onError);
    watched.set(path, { identity, watcher });
  };

  const rescan = async (): Promise<void> => {
    places = await placesOf(directories, limits);
    for (const path of places.keys()) await place(path).catch(onError);
    for (const [path, { watcher }] of watched) {
      if (places.has(path)) continue;
      watcher.close();
      watched.delete(path);
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

async function placesOf(directories: readonly string[], limits: Limits): Promise<Places> {
  const places: Places = new Map();
  const addBehind = async (path: string): Promise<void> => {
    for (const { directory, name } of await entriesBehind(path)) {
      const names = places.get(directory) ?? new Set();
      if (names !== 'all') places.set(directory, names.add(name));
    }
  };
  for (const directory of directories) {
    const root = resolve(directory);
    await addBehind(root);
    for await (const path of directoriesBelow(root, limits, () => undefined)) {
      places.set(path, 'all');
      for (const entry of await readdir(path, { withFileTypes: true }).catch(() => []))
        if (entry.isSymbolicLink() && !entry.name.startsWith('.')) await addBehind(join(path, entry.name));
    }
  }
  return places;
}

import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import { loadPolicyFiles } from '../../../src/policy/compile/load.ts';
import { type PolicyWatch, watchPolicies } from '../../../src/policy/reload/watch.ts';

const LIMITS = { ...DEFAULT_LIMITS, policyDebounceMs: 30 };

let base: string;
let directory: string;
let watch: PolicyWatch | undefined;
let changes: number;
let waiting: (() => void) | undefined;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'privet-watch-'));
  directory = join(base, 'policies');
  changes = 0;
  waiting = undefined;
});

afterEach(async () => {
  watch?.close();
  await rm(base, { recursive: true });
});

async function start(limits = LIMITS): Promise<void> {
  watch = await watchPolicies({
    directories: [directory],
    limits,
    onChange: () => {
      changes++;
      waiting?.();
    },
    onError: (error) => {
      throw error;
    },
  });
}

/** Runs a change and resolves when the watcher has told of it. */
async function seen(change: () => Promise<unknown>): Promise<void> {
  const told = new Promise<void>((resolve) => {
    waiting = resolve;
  });
  await change();
  await told;
}

async function texts(): Promise<string[]> {
  const { files } = await loadPolicyFiles({ directory, includes: [], limits: LIMITS });
  return files.map(({ name, text }) => `${name}: ${text}`);
}

describe('watchPolicies', () => {
  it('sees files written, replaced by rename and removed', async () => {
    await mkdir(directory);
    await start();
    await seen(() => writeFile(join(directory, 'a.yaml'), '1'));
    await writeFile(join(base, 'a.new'), '2');
    await seen(() => rename(join(base, 'a.new'), join(directory, 'a.yaml')));
    expect(await texts()).toEqual(['a.yaml: 2']);
    await seen(() => writeFile(join(directory, 'a.yaml'), '3'));
    await seen(() => rm(join(directory, 'a.yaml')));
    expect(await texts()).toEqual([]);
  });

  it('sees new directories, and files in them', async () => {
    await mkdir(directory);
    await start();
    await seen(() => mkdir(join(directory, 'team', 'sub'), { recursive: true }));
    await seen(() => writeFile(join(directory, 'team', 'sub', 'a.yaml'), '1'));
    expect(await texts()).toEqual(['team/sub/a.yaml: 1']);
  });

  it('sees Kubernetes swap the link of a mounted ConfigMap, again and again', async () => {
    const version = async (name: string, text: string): Promise<void> => {
      await mkdir(join(directory, name, 'sub'), { recursive: true });
      await writeFile(join(directory, name, 'a.yaml'), text);
      await writeFile(join(directory, name, 'sub', 'b.yaml'), text);
      await symlink(name, join(directory, '..data_tmp'));
      await rename(join(directory, '..data_tmp'), join(directory, '..data'));
    };
    await mkdir(directory);
    await version('..2026_01', 'one');
    await symlink('..data/a.yaml', join(directory, 'a.yaml'));
    await symlink('..data/sub', join(directory, 'sub'));
    await start();
    expect(await texts()).toEqual(['a.yaml: one', 'sub/b.yaml: one']);
    await seen(() => version('..2026_02', 'two'));
    expect(await texts()).toEqual(['a.yaml: two', 'sub/b.yaml: two']);
    await seen(() => version('..2026_03', 'three'));
    expect(await texts()).toEqual(['a.yaml: three', 'sub/b.yaml: three']);
    await seen(() => writeFile(join(directory, '..data', 'sub', 'b.yaml'), 'four'));
    expect(await texts()).toEqual(['a.yaml: three', 'sub/b.yaml: four']);
  });

  it('sees the link of a ConfigMap swapped that is mounted above the directory', async () => {
    const mount = join(base, 'mount');
    const version = async (name: string, text: string): Promise<void> => {
      await mkdir(join(mount, name, 'policies'), { recursive: true });
      await writeFile(join(mount, name, 'policies', 'a.yaml'), text);
      await symlink(name, join(mount, '..data_tmp'));
      await rename(join(mount, '..data_tmp'), join(mount, '..data'));
    };
    await mkdir(mount);
    await version('..2026_01', 'one');
    await symlink('..data/policies', join(mount, 'policies'));
    directory = join(mount, 'policies');
    await start();
    await seen(() => version('..2026_02', 'two'));
    expect(await texts()).toEqual(['a.yaml: two']);
    await seen(() => version('..2026_03', 'three'));
    expect(await texts()).toEqual(['a.yaml: three']);
    await seen(() => writeFile(join(directory, 'a.yaml'), 'four'));
    expect(await texts()).toEqual(['a.yaml: four']);
  });

  it('sees a link to a release swapped for another, which stays where it is', async () => {
    for (const release of ['1', '2']) {
      await mkdir(join(base, 'releases', release, 'policies'), { recursive: true });
      await writeFile(join(base, 'releases', release, 'policies', 'a.yaml'), release);
    }
    const swap = async (release: string): Promise<void> => {
      await symlink(join(base, 'releases', release), join(base, 'next'));
      await rename(join(base, 'next'), join(base, 'current'));
    };
    await swap('1');
    directory = join(base, 'current', 'policies');
    await start();
    await seen(() => swap('2'));
    expect(await texts()).toEqual(['a.yaml: 2']);
    await seen(() => swap('1'));
    expect(await texts()).toEqual(['a.yaml: 1']);
  });

  it('sees changes of files that links lead to', async () => {
    await mkdir(directory);
    await mkdir(join(base, 'shared'));
    await writeFile(join(base, 'shared', 'a.yaml'), '1');
    await symlink('../shared/a.yaml', join(directory, 'a.yaml'));
    await start();
    await seen(() => writeFile(join(base, 'shared', 'a.yaml'), '2'));
    await writeFile(join(base, 'shared', 'new'), '3');
    await seen(() => rename(join(base, 'shared', 'new'), join(base, 'shared', 'a.yaml')));
    expect(await texts()).toEqual(['a.yaml: 3']);
  });

  it('finds a directory again that was itself replaced', async () => {
    await mkdir(directory);
    await start();
    await seen(() => rm(directory, { recursive: true }));
    await seen(() => mkdir(directory));
    await seen(() => writeFile(join(directory, 'a.yaml'), '1'));
    expect(await texts()).toEqual(['a.yaml: 1']);
  });

  it('tells once of changes that come together', async () => {
    await mkdir(directory);
    await start({ ...LIMITS, policyDebounceMs: 1_000 });
    await seen(() =>
      Promise.all(['a', 'b', 'c'].map((name) => writeFile(join(directory, `${name}.yaml`), '1'))),
    );
    expect(changes).toBe(1);
  });

  it('is silent once closed', async () => {
    await mkdir(directory);
    await start();
    watch?.close();
    await writeFile(join(directory, 'a.yaml'), '1');
    await new Promise((resolve) => setTimeout(resolve, 5 * LIMITS.policyDebounceMs));
    expect(changes).toBe(0);
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEmbedded, openEmbeddedForReading } from '../../src/store/embedded.ts';
import { describeStore } from '../contract/store.ts';
import { TEST_LIMITS, temporaryDirectory } from '../fixtures/audit.ts';

describeStore('the embedded store', async () => {
  const directory = temporaryDirectory();
  return {
    open: async () => openEmbedded(directory.path, TEST_LIMITS),
    dispose: async () => directory.remove(),
  };
});

describe('the embedded store', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  const children: ChildProcess[] = [];

  /** Another process that opens the store, says so, and holds it until it is killed. */
  async function holdElsewhere(path: string): Promise<ChildProcess> {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'hold.ts'), path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    for await (const line of createInterface({ input: child.stdout })) if (line === 'open') break;
    return child;
  }

  beforeEach(() => {
    directory = temporaryDirectory();
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    directory.remove();
  });

  it('keeps its directory to its owner, also one that was there before', async () => {
    const path = join(directory.path, 'data.v1');
    mkdirSync(path, { mode: 0o755 });
    await openEmbedded(path, TEST_LIMITS).close();
    expect(statSync(path).mode & 0o777).toBe(0o700);
  });

  it('is refused to a second writer while the first process lives, and free once that was killed', async () => {
    const holder = await holdElsewhere(directory.path);
    expect(() => openEmbedded(directory.path, TEST_LIMITS)).toThrow(/in use/);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    const store = openEmbedded(directory.path, TEST_LIMITS);
    expect(Buffer.from((await store.get('t/held')) ?? []).toString()).toBe('yes');
    await store.close();
  });

  it('is refused to a second writer in the same process', async () => {
    const store = openEmbedded(directory.path, TEST_LIMITS);
    expect(() => openEmbedded(directory.path, TEST_LIMITS)).toThrow(/in use/);
    await store.close();
    await openEmbedded(directory.path, TEST_LIMITS).close();
  });

  it('can be read while another process writes to it', async () => {
    await holdElsewhere(directory.path);
    const reader = openEmbeddedForReading(directory.path);
    expect(Buffer.from((await reader.get('t/held')) ?? []).toString()).toBe('yes');
    await reader.close();
  });

  it('shows a reader what a writer adds after both were opened', async () => {
    const writer = openEmbedded(directory.path, TEST_LIMITS);
    const reader = openEmbeddedForReading(directory.path);
    await writer.write([{ put: 't/a', value: Buffer.from('1') }]);
    expect(Buffer.from((await reader.get('t/a')) ?? []).toString()).toBe('1');
    await reader.close();
    await writer.write([{ put: 't/a', value: Buffer.from('2') }]);
    expect(Buffer.from((await writer.get('t/a')) ?? []).toString()).toBe('2');
    await writer.close();
  });

  it('writes nothing when the disk has less room than it must leave, but still deletes', async () => {
    const before = openEmbedded(directory.path, TEST_LIMITS);
    await before.write([{ put: 't/old', value: Buffer.from('1') }]);
    await before.close();
    const { bavail, bsize } = statfsSync(directory.path);
    const store = openEmbedded(directory.path, { storeFreeBytesMin: bavail * bsize * 1.5 });
    await expect(store.write([{ put: 't/new', value: Buffer.from('2') }])).rejects.toThrow(/full/);
    expect(await store.get('t/new')).toBeUndefined();
    await store.write([{ delete: 't/old' }]);
    expect(await store.get('t/old')).toBeUndefined();
    await store.close();
  });

  it('says so when there is no store to read', () => {
    expect(() => openEmbeddedForReading(join(directory.path, 'none'))).toThrow(/There is no store/);
  });
});

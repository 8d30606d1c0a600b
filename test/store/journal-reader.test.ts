import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Journal, openJournal } from '../../src/store/journal.ts';
import { openJournalReader } from '../../src/store/journal-reader.ts';
import { temporaryDirectory } from '../fixtures/audit.ts';
import { disk, type Fault } from '../fixtures/faulty-disk.ts';
import { bytes, contentOf, LIMITS, SEGMENT_BYTES, texts } from './records.ts';

vi.mock('node:fs', async (original) => {
  const { faultyDisk } = await import('../fixtures/faulty-disk.ts');
  return faultyDisk(await original());
});

let directory: ReturnType<typeof temporaryDirectory>;
let journal: Journal;

const open = async (limits = LIMITS): Promise<Journal> => {
  journal = await openJournal(directory.path, limits, SEGMENT_BYTES);
  return journal;
};

beforeEach(async () => {
  directory = temporaryDirectory();
  await open();
});
afterEach(async () => {
  disk.next = () => 'none';
  await journal.close();
  directory.remove();
});

describe('the journal, read beside its writer', () => {
  it('shows what is added after it was opened, across files', async () => {
    const reader = openJournalReader(directory.path);
    expect(await contentOf(reader)).toEqual([]);
    const seen: string[] = [];
    for (const text of texts(1, 100)) {
      await journal.append(bytes(text));
      seen.push(...(await contentOf(reader, seen.length)));
    }
    expect(seen).toEqual(texts(1, 100));
    expect(await reader.end()).toMatchObject({ number: 100 });
    reader.close();
  });

  it('goes on with what is there when files were removed under it', async () => {
    const reader = openJournalReader(directory.path);
    for (const text of texts(1, 10)) await journal.append(bytes(text));
    expect(await contentOf(reader, 0, 5)).toEqual(texts(1, 5));
    for (const text of texts(11, 100)) await journal.append(bytes(text));
    await journal.remove(80);
    const left = await contentOf(reader, 60);
    expect(left.length).toBeGreaterThanOrEqual(20);
    expect(left).toEqual(texts(101 - left.length, 100));
    reader.close();
  });

  it.each<[Fault, number]>([
    ['half', 0],
    ['after', 1],
  ])('goes on in the file that replaces one in which no write was acknowledged: %s', async (fault, seen) => {
    const reader = openJournalReader(directory.path);
    const faults: Fault[] = ['none', 'none', fault];
    disk.next = () => faults.shift() ?? 'none';
    await expect(journal.append(bytes('x'.repeat(300)))).rejects.toThrow();
    expect(await contentOf(reader)).toHaveLength(seen);
    const values = ['x'.repeat(SEGMENT_BYTES), 'y'];
    await journal.append(bytes(...values));
    await journal.append(bytes('z'));
    expect(await contentOf(reader, seen)).toEqual([...values, 'z'].slice(seen));
    reader.close();
  });

  it('never sees damage, a gap or half a write, however fast another process writes', async () => {
    await journal.close();
    const child = spawn(process.execPath, [join(import.meta.dirname, 'append-for-ever.ts'), directory.path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let acknowledged = 0;
    createInterface({ input: child.stdout }).on('line', (line) => (acknowledged = Number(line)));
    const reader = openJournalReader(directory.path);
    let seen = 0;
    while (seen < 5_000) {
      const known = acknowledged;
      const records = await reader.after(seen, 100);
      for (const { number, value } of records) {
        expect([number, value.toString()]).toEqual([seen + 1, `record ${seen + 1}`]);
        seen = number;
      }
      if (records.length < 100) expect(seen).toBeGreaterThanOrEqual(known);
    }
    child.kill('SIGKILL');
    await once(child, 'close');
    reader.close();
    await open();
    expect(journal.end().number).toBeGreaterThanOrEqual(acknowledged);
    expect(await contentOf(journal)).toEqual(texts(1, journal.end().number));
  });
});

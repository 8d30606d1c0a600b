import {
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Journal, openJournal } from '../../src/store/journal.ts';
import { BLOCK_ALIGNMENT } from '../../src/store/journal-block.ts';
import { openJournalReader } from '../../src/store/journal-reader.ts';
import { temporaryDirectory } from '../fixtures/audit.ts';
import { disk } from '../fixtures/faulty-disk.ts';
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
const reopen = async (): Promise<Journal> => {
  await journal.close();
  return open();
};
const segments = () => readdirSync(directory.path).filter((name) => name.endsWith('.journal'));
const segmentPath = (index = 0) => join(directory.path, segments().at(index)!);
/** As another process would: all that is there. */
const readApart = async (): Promise<string[]> => {
  const reader = openJournalReader(directory.path);
  try {
    return await contentOf(reader);
  } finally {
    reader.close();
  }
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

describe('the journal', () => {
  it('keeps records in order, and numbers them from 1', async () => {
    await journal.append(bytes('a', '', 'c'));
    await journal.append(bytes('d'));
    expect((await journal.after(0, 10)).map(({ number, value }) => [number, value.toString()])).toEqual([
      [1, 'a'],
      [2, ''],
      [3, 'c'],
      [4, 'd'],
    ]);
    expect(journal.end()).toEqual({ number: 4, bytes: 3 });
  });

  it.each([
    [0, 2, ['a', 'b']],
    [1, 2, ['b', 'c']],
    [2, 9, ['c', 'd', 'e']],
    [5, 9, []],
    [9, 9, []],
  ])('reads behind record %i, at most %i', async (after, limit, expected) => {
    await journal.append(bytes('a', 'b'));
    await journal.append(bytes('c'));
    await journal.append(bytes('d', 'e'));
    expect(await contentOf(journal, after, limit)).toEqual(expected);
    // In whatever order it is asked.
    expect(await contentOf(journal, 0, 1)).toEqual(['a']);
    expect(await contentOf(journal, after, limit)).toEqual(expected);
  });

  it('goes on where it ended when it is opened again', async () => {
    await journal.append(bytes('a', 'b'));
    await reopen();
    expect(journal.end()).toEqual({ number: 2, bytes: 2 });
    await journal.append(bytes('c'));
    expect(await contentOf(await reopen())).toEqual(['a', 'b', 'c']);
  });

  it('takes records that are larger than a file', async () => {
    const large = 'x'.repeat(3 * SEGMENT_BYTES);
    await journal.append(bytes('before'));
    await journal.append(bytes(large, 'behind'));
    await journal.append(bytes('after'));
    expect(await contentOf(await reopen())).toEqual(['before', large, 'behind', 'after']);
  });

  it('begins a new file when one is full, and removes those that hold only what may go', async () => {
    for (const text of texts(1, 100)) await journal.append(bytes(text));
    const before = segments().length;
    expect(before).toBeGreaterThan(5);
    expect(journal.isRemovable(3)).toBe(false);
    expect(journal.isRemovable(50)).toBe(true);
    await journal.remove(50);
    expect(segments().length).toBeLessThan(before - 2);
    expect(await contentOf(journal, 50)).toEqual(texts(51, 100));
    await journal.remove(100);
    // The file that is written to stays.
    expect(segments()).toHaveLength(1);
    await reopen();
    expect(journal.end().number).toBe(100);
    await journal.append(bytes('record 101'));
    expect(await contentOf(journal, 100)).toEqual(['record 101']);
  });

  it('goes on from a file that was begun and never written to', async () => {
    for (const text of texts(1, 20)) await journal.append(bytes(text));
    await journal.close();
    const [first = '', ...others] = segments();
    for (const other of others) rmSync(join(directory.path, other));
    const held = (await readApart()).length;
    await open();
    // The next record does not fit; its own write fails.
    let writes = 0;
    disk.next = () => (++writes < 3 ? 'none' : 'before');
    await expect(journal.append(bytes('y'.repeat(SEGMENT_BYTES / 2)))).rejects.toThrow();
    disk.next = () => 'none';
    expect(segments()).toHaveLength(2);
    await reopen();
    expect(journal.end().number).toBe(held);
    rmSync(join(directory.path, first));
    await reopen();
    expect(journal.end().number).toBe(held);
    await journal.append(bytes('next'));
    expect(await contentOf(journal, held)).toEqual(['next']);
  });

  it.each(['before', 'half', 'after'] as const)(
    'puts the next records in place of a write that failed (%s)',
    async (fault) => {
      for (const next of ['small', 'l'.repeat(SEGMENT_BYTES)]) {
        const { number } = journal.end();
        await journal.append(bytes('a'));
        disk.next = () => fault;
        await expect(journal.append(bytes('failed', 'failed'))).rejects.toThrow();
        disk.next = () => 'none';
        await journal.append(bytes(next));
        expect(await contentOf(journal, number)).toEqual(['a', next]);
        expect((await readApart()).slice(number)).toEqual(['a', next]);
        expect(await contentOf(await reopen(), number)).toEqual(['a', next]);
      }
    },
  );

  it('keeps its directory and files to their owner', async () => {
    await journal.close();
    directory.remove();
    await open();
    await journal.append(bytes('a'));
    await journal.writeNote('note');
    expect(statSync(directory.path).mode & 0o777).toBe(0o700);
    expect(statSync(segmentPath()).mode & 0o777).toBe(0o600);
    expect(statSync(join(directory.path, 'note')).mode & 0o777).toBe(0o600);
  });

  it('keeps a note beside the records, replaced as a whole', async () => {
    expect(journal.note()).toBeUndefined();
    await journal.writeNote('one');
    await journal.writeNote('another');
    expect(String((await reopen()).note())).toBe('another');
  });

  it('is refused to a second writer', async () => {
    await expect(openJournal(directory.path, LIMITS)).rejects.toThrow(/in use/);
  });

  it('begins no file when the disk has less room than must be left, and goes on when there is', async () => {
    await journal.append(bytes('a'));
    await journal.close();
    const { bavail, bsize } = statfsSync(directory.path);
    await open({ storeFreeBytesMin: bavail * bsize * 1.5 });
    const large = bytes('z'.repeat(SEGMENT_BYTES));
    await expect(journal.append(large)).rejects.toThrow(/full \(limits\.storeFreeBytesMin\)/);
    expect(await contentOf(await reopen())).toEqual(['a']);
    await journal.append(large);
    expect(journal.end().number).toBe(2);
  });

  describe('after a crash', () => {
    /** Cuts the last write at `at`: what comes behind it has not reached the disk. */
    function tear(path: string, whole: Buffer, at: number): void {
      writeFileSync(path, Buffer.concat([whole.subarray(0, at), Buffer.alloc(whole.length - at)]));
    }

    it('keeps all that was acknowledged, wherever the last write was torn, and goes on', async () => {
      await journal.append(bytes('a', 'b'));
      await journal.append(bytes('c'));
      const last = bytes('d'.repeat(700), 'e'.repeat(300));
      await journal.append(last);
      await journal.close();
      const whole = readFileSync(segmentPath());
      // Opening block, two small ones, and the last.
      const begin = 3 * BLOCK_ALIGNMENT;
      const end = whole.lastIndexOf('e') + 1;
      for (let at = begin; at < end; at += 1) {
        tear(segmentPath(), whole, at);
        const reader = openJournalReader(directory.path);
        expect(await reader.end()).toMatchObject({ number: 3 });
        expect(await contentOf(reader)).toEqual(['a', 'b', 'c']);
        reader.close();
      }
      for (const at of [begin, begin + 5, begin + 600, end - 1]) {
        tear(segmentPath(), whole, at);
        await open();
        await journal.append(bytes('D'));
        expect(await contentOf(await reopen())).toEqual(['a', 'b', 'c', 'D']);
        await journal.close();
      }
      tear(segmentPath(), whole, end);
      expect(await contentOf(await open(), 3)).toEqual(last.map(String));
    });

    it('keeps all that was acknowledged, whichever sectors of the last write did not reach the disk', async () => {
      await journal.append(bytes('a'));
      await journal.append(bytes(...texts(1, 200)));
      await journal.close();
      const whole = readFileSync(segmentPath());
      const begin = 2 * BLOCK_ALIGNMENT;
      const end = whole.lastIndexOf('record 200') + 10;
      for (let at = begin; at < end; at += BLOCK_ALIGNMENT) {
        writeFileSync(segmentPath(), Buffer.from(whole).fill(0, at, at + BLOCK_ALIGNMENT));
        await open();
        expect(await contentOf(journal)).toEqual(['a']);
        await journal.append(bytes('b'));
        expect(await contentOf(await reopen())).toEqual(['a', 'b']);
        await journal.close();
      }
      await open();
    });

    it('goes on when it was killed while it made a file', async () => {
      await journal.append(bytes('a'));
      await journal.close();
      writeFileSync(join(directory.path, 'unfinished'), 'x'.repeat(100));
      await open();
      for (const text of texts(1, 40)) await journal.append(bytes(text));
      expect(await contentOf(await reopen())).toEqual(['a', ...texts(1, 40)]);
    });
  });

  describe('damaged where it was acknowledged', () => {
    beforeEach(async () => {
      for (const text of texts(1, 40)) await journal.append(bytes(text));
      await journal.close();
    });
    afterEach(async () => {
      directory.remove();
      await open();
    });

    it.each([
      ['a byte of the records', 3 * BLOCK_ALIGNMENT + 40, 1, 3],
      ['a byte of the length', 3 * BLOCK_ALIGNMENT + 28, 1, 3],
      ['the header', 3 * BLOCK_ALIGNMENT, 32, 3],
      ['several blocks', 3 * BLOCK_ALIGNMENT, 3 * BLOCK_ALIGNMENT, 3],
      ['the very first block', 0, 1, 1],
    ])('names the place: %s', async (_what, at, length, number) => {
      const whole = readFileSync(segmentPath());
      writeFileSync(segmentPath(), whole.fill(0xff, at, at + length));
      const place = at - (at % BLOCK_ALIGNMENT);
      const message = `record ${number} cannot be read (0000000000000001.journal, byte ${place})`;
      await expect(readApart()).rejects.toThrow(message);
      // What lies before it can be read.
      const reader = openJournalReader(directory.path);
      expect(await contentOf(reader, 0, number - 1)).toEqual(texts(1, number - 1));
      reader.close();
      // In the file that is opened for writing it shows at once; a start does not read all the others.
      for (const other of segments().slice(1)) rmSync(join(directory.path, other));
      await expect(openJournal(directory.path, LIMITS)).rejects.toThrow(message);
    });

    it('names the place: a file is missing', async () => {
      const before = segments();
      rmSync(segmentPath(1));
      const first = Number(before[1]!.slice(0, 16));
      await expect(readApart()).rejects.toThrow(`record ${first} cannot be read`);
    });

    it('names the place: the end of a file is cut off', async () => {
      truncateSync(segmentPath(), 4 * BLOCK_ALIGNMENT);
      await expect(readApart()).rejects.toThrow('record 4 cannot be read');
    });

    it('names the place: a file has another’s name', async () => {
      renameSync(segmentPath(1), join(directory.path, '0000000000000002.journal'));
      await expect(readApart()).rejects.toThrow(/record \d+ cannot be read/);
    });
  });
});

import { closeSync, existsSync, fsync, openSync, readdirSync, statfsSync, write } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Limits } from '../limits.ts';
import { PRIVATE_MODE, syncFolder } from './durable-file.ts';
import { encodeBlock, type Position } from './journal-block.ts';

/** A file of a journal. Its first block has no records and says where the segment begins. */
export interface Segment {
  /** Number of its first record. */
  readonly first: number;
  readonly path: string;
}

const NAME = /^(\d{16})\.journal$/;
/** Name of a segment that is being made. What a crash leaves of it is overwritten by the next one. */
const UNFINISHED = 'unfinished';
const ZEROS = Buffer.alloc(1_048_576);
const sync = promisify(fsync);

/** The segments of a journal, in order; none where there is no journal. */
export function segmentsIn(directory: string): readonly Segment[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .flatMap((name) => {
      const first = NAME.exec(name)?.[1];
      return first === undefined ? [] : [{ first: Number(first), path: join(directory, name) }];
    })
    .sort((a, b) => a.first - b.first);
}

/** Writes all of it. @throws the file system's error: how much was written is then not known */
export async function writeWhole(file: number, bytes: Buffer, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += await writeSome(file, bytes.subarray(done), at + done);
  }
}

function writeSome(file: number, bytes: Buffer, at: number): Promise<number> {
  return new Promise((resolve, reject) => {
    write(file, bytes, 0, bytes.length, at, (error, written) => {
      if (error === null) resolve(written);
      else reject(error);
    });
  });
}

/**
 * Fills a file with zeros, durably. Later writes to it cannot fail for lack of room, and take half the time, because
 * the file system has to sync only the bytes themselves.
 *
 * @returns the path of the file, which is no segment yet
 * @throws Error when the disk has no room
 */
export async function allocate(
  directory: string,
  bytes: number,
  { storeFreeBytesMin }: Pick<Limits, 'storeFreeBytesMin'>,
): Promise<string> {
  const { bavail, bsize } = statfsSync(directory);
  if (bavail * bsize - bytes < storeFreeBytesMin) {
    throw new Error('The disk of the store is full (limits.storeFreeBytesMin).');
  }
  const path = join(directory, UNFINISHED);
  const file = openSync(path, 'w', PRIVATE_MODE);
  try {
    for (let at = 0; at < bytes; at += ZEROS.length) {
      await writeWhole(file, ZEROS.subarray(0, bytes - at), at);
    }
    await sync(file);
  } finally {
    closeSync(file);
  }
  return path;
}

/** Makes a segment, durably, of a file that was allocated for it. @throws the file system's error */
export async function beginSegment(directory: string, allocated: string, before: Position): Promise<Segment> {
  const file = openSync(allocated, 'r+');
  try {
    await writeWhole(file, encodeBlock(before, []), 0);
    await sync(file);
  } finally {
    closeSync(file);
  }
  const first = before.number + 1;
  const path = join(directory, `${String(first).padStart(16, '0')}.journal`);
  await rename(allocated, path);
  await syncFolder(directory);
  return { first, path };
}

import { closeSync, constants, fstatSync, mkdirSync, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Limits } from '../limits.ts';
import { replaceFile, syncFolder } from './durable-file.ts';
import { BLOCK_ALIGNMENT, encodeBlock, type Position } from './journal-block.ts';
import { JournalDamage, type JournalReader, NOTE, openJournalReader } from './journal-reader.ts';
import { allocate, beginSegment, type Segment, segmentsIn, writeWhole } from './journal-segment.ts';
import { lockForWriting } from './writer-lock.ts';

/**
 * Records of bytes, appended at one end and removed at the other. They lie in files of bounded size; records that are
 * written together are one block. A write goes to room that was allocated before and is durable when its one system
 * call returns, which makes it cheaper than a write to an ordered store.
 */
export interface Journal extends Omit<JournalReader, 'end' | 'close'> {
  /** The last durable record. */
  readonly end: () => Position;
  /**
   * All or nothing, and durable when it resolves: it survives kill -9 and power loss. One call at a time. After a
   * rejection the records are not in the journal, and the next ones take their place; only a crash before that can
   * leave them there whole.
   */
  readonly append: (values: readonly Uint8Array[]) => Promise<void>;
  /** True when `remove` would remove something. */
  readonly isRemovable: (upTo: number) => boolean;
  /** Removes files that hold nothing behind record `upTo`. */
  readonly remove: (upTo: number) => Promise<void>;
  /** Replaces the note, durably, as a whole or not at all. */
  readonly writeNote: (note: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Large enough that a new file is seldom begun, small enough that shipped records are soon removed. */
const SEGMENT_BYTES = 4_194_304;
/** Holds the events of dozens of requests, which is what one write usually takes. */
const SPACE_BYTES = 131_072;
const NO_BLOCK = Buffer.alloc(BLOCK_ALIGNMENT);

type JournalLimits = Pick<Limits, 'storeFreeBytesMin'>;

/** The segment that is written to. */
interface Active {
  readonly file: number;
  readonly size: number;
  offset: number;
  /** A write at `offset` failed, but may have reached the disk. */
  isUnclear: boolean;
}

function activate({ path }: Segment, offset: number): Active {
  // The write itself is durable (open(2), O_DSYNC): one turn in the thread pool instead of two.
  const file = openSync(path, constants.O_RDWR | constants.O_DSYNC);
  return { file, size: fstatSync(file).size, offset, isUnclear: false };
}

/** Makes segments, and allocates one ahead of need. */
function segmentMaker(directory: string, limits: JournalLimits, segmentBytes: number) {
  let ahead: Promise<string | undefined> | undefined;
  return {
    prepare: (): void => {
      ahead ??= allocate(directory, segmentBytes, limits).catch(() => undefined);
    },
    /** @throws Error when the disk has no room */
    make: async (before: Position, blockBytes: number): Promise<Segment> => {
      const prepared = await ahead;
      ahead = undefined;
      const bytes = blockBytes + BLOCK_ALIGNMENT;
      const allocated =
        prepared === undefined || bytes > segmentBytes
          ? await allocate(directory, Math.max(bytes, segmentBytes), limits)
          : prepared;
      return beginSegment(directory, allocated, before);
    },
    settled: () => ahead,
  };
}

/**
 * Opens the journal in a directory, alone; creates it (mode 0700) if need be. What a crash has left half-written at its
 * end was never acknowledged and is written over.
 *
 * @param segmentBytes size of its files
 * @throws Error when another process is writing to it, or when it is damaged, naming the place
 */
export async function openJournal(
  directory: string,
  limits: JournalLimits,
  segmentBytes: number = SEGMENT_BYTES,
): Promise<Journal> {
  if (mkdirSync(directory, { recursive: true, mode: 0o700 }) !== undefined)
    await syncFolder(dirname(directory));
  const lock = lockForWriting(directory);
  const reader = openJournalReader(directory);
  try {
    return await open(directory, limits, segmentBytes, reader, lock.release);
  } catch (error) {
    reader.close();
    lock.release();
    throw error;
  }
}

async function open(
  directory: string,
  limits: JournalLimits,
  segmentBytes: number,
  reader: JournalReader,
  release: () => void,
): Promise<Journal> {
  const last = await reader.end();
  let end: Position = { number: last?.number ?? 0, bytes: last?.bytes ?? 0 };
  let active = last && activate(last.segment, last.offset);
  let segments = segmentsIn(directory);
  const maker = segmentMaker(directory, limits, segmentBytes);
  const space = Buffer.allocUnsafe(SPACE_BYTES);

  const roll = async (blockBytes: number): Promise<Active> => {
    if (active?.isUnclear === true) await writeWhole(active.file, NO_BLOCK, active.offset);
    if (active !== undefined) closeSync(active.file);
    // From here on nothing is written to the old one: even when making the new one fails, it may be there.
    active = undefined;
    const segment = await maker.make(end, blockBytes);
    segments = [...segments.filter(({ first }) => first < segment.first), segment];
    active = activate(segment, BLOCK_ALIGNMENT);
    return active;
  };
  const removable = (upTo: number): readonly Segment[] =>
    segments.filter((_, index) => (segments[index + 1]?.first ?? Infinity) <= upTo + 1);

  return {
    after: async (after, limit) => {
      const until = Math.min(end.number, after + limit);
      if (until <= after) return [];
      const records = await reader.after(after, until - after);
      const last = records.at(-1)?.number ?? after;
      if (last < until) throw new JournalDamage(last + 1, 'before its end');
      return records;
    },
    end: () => end,
    append: async (values) => {
      const block = encodeBlock(end, values, space);
      const to =
        active !== undefined && active.offset + block.length <= active.size
          ? active
          : await roll(block.length);
      to.isUnclear = true;
      await writeWhole(to.file, block, to.offset);
      to.isUnclear = false;
      to.offset += block.length;
      end = {
        number: end.number + values.length,
        bytes: values.reduce((bytes, value) => bytes + value.byteLength, end.bytes),
      };
      if (to.offset > to.size / 2) maker.prepare();
    },
    isRemovable: (upTo) => removable(upTo).length > 0,
    remove: async (upTo) => {
      for (const segment of removable(upTo)) {
        await rm(segment.path, { force: true });
        segments = segments.filter((other) => other !== segment);
      }
      await syncFolder(directory);
    },
    note: reader.note,
    writeNote: (note) => replaceFile(join(directory, NOTE), note),
    close: async () => {
      await maker.settled();
      if (active !== undefined) closeSync(active.file);
      active = undefined;
      reader.close();
      release();
    },
  };
}

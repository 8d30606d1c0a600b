import { closeSync, existsSync, fstatSync, openSync, read, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { BLOCK_ALIGNMENT, type Block, claimedSize, decodeBlock, type Position } from './journal-block.ts';
import { type Segment, segmentsIn } from './journal-segment.ts';

export interface JournalRecord {
  /** From 1, without gaps. */
  readonly number: number;
  readonly value: Buffer;
}

/** A record of a journal can no longer be read. */
export class JournalDamage extends Error {
  /** The first record that is lost. */
  readonly number: number;

  constructor(number: number, place: string) {
    super(`The journal is damaged: record ${number} cannot be read (${place}).`);
    this.name = 'JournalDamage';
    this.number = number;
  }
}

/** Where a journal ends: the next block begins at `offset` of the segment. */
export interface JournalEnd extends Position {
  readonly segment: Segment;
  readonly offset: number;
}

/** Reads a journal, also while another process writes to it. Calls follow one another. */
export interface JournalReader {
  /**
   * At most `limit` records behind number `after`, in order, from the first that is still there. Another process sees a
   * record as soon as it is written, which is a moment before it is durable.
   *
   * @throws JournalDamage that names the place
   */
  readonly after: (after: number, limit: number) => Promise<readonly JournalRecord[]>;
  /** Where it ends now; undefined when nothing was ever written. @throws JournalDamage */
  readonly end: () => Promise<JournalEnd | undefined>;
  /** The note that its owner keeps beside it; undefined when there is none. */
  readonly note: () => Buffer | undefined;
  readonly close: () => void;
}

/** The file of the note. */
export const NOTE = 'note';

/** Where reading stands: before the block at `offset`. */
interface Place {
  readonly segment: Segment;
  readonly file: number;
  offset: number;
  number: number;
  bytes: number;
  /** Bytes of the file that were read ahead, from `windowAt`. */
  window: Buffer;
  windowAt: number;
  /** The last offset behind which no block was found. */
  searched: number;
}

/** Enough for most blocks, and for many small ones. */
const WINDOW_BYTES = 65_536;
const NOTHING = Buffer.alloc(0);
const readInto = promisify(read);

async function bytesAt(file: number, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  const { bytesRead } = await readInto(file, bytes, 0, length, offset);
  return bytes.subarray(0, bytesRead);
}

/** Undefined when it was removed meanwhile. */
function placeIn(segment: Segment): Place | undefined {
  try {
    const file = openSync(segment.path, 'r');
    const number = segment.first - 1;
    return { segment, file, offset: 0, number, bytes: 0, window: NOTHING, windowAt: 0, searched: -1 };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The block at the place; undefined unless it stands there whole. */
async function blockAt(place: Place): Promise<Block | undefined> {
  const ahead = decodeBlock(place.window, place.offset - place.windowAt);
  if (ahead?.before.number === place.number) return ahead;
  // The window ends before the block, or was read before the block was written.
  place.windowAt = place.offset;
  place.window = await bytesAt(place.file, place.offset, WINDOW_BYTES);
  const size = claimedSize(place.window, 0) ?? 0;
  if (size > place.window.length && place.offset + size <= fstatSync(place.file).size) {
    place.window = await bytesAt(place.file, place.offset, size);
  }
  const block = decodeBlock(place.window, 0);
  return block?.before.number === place.number ? block : undefined;
}

/**
 * True when a whole block stands somewhere behind the place: then all before it was durable once, and is damaged now.
 */
async function hasLaterBlock(place: Place): Promise<boolean> {
  if (place.searched === place.offset) return false;
  const rest = await bytesAt(place.file, place.offset, fstatSync(place.file).size - place.offset);
  for (let at = BLOCK_ALIGNMENT; at < rest.length; at += BLOCK_ALIGNMENT) {
    const block = decodeBlock(rest, at);
    if (block !== undefined && block.before.number >= place.number) return true;
  }
  place.searched = place.offset;
  return false;
}

/**
 * True when another file has taken the segment's name: no write to it was acknowledged, and the next one did not fit in.
 */
function isReplaced({ segment, file }: Place): boolean {
  const now = statSync(segment.path, { throwIfNoEntry: false });
  return now !== undefined && now.ino !== fstatSync(file).ino;
}

function damageAt({ segment, offset, number }: Place): JournalDamage {
  return new JournalDamage(number + 1, `${basename(segment.path)}, byte ${offset}`);
}

/** Reads the journal in a directory, where there may be none yet. */
export function openJournalReader(directory: string): JournalReader {
  let place: Place | undefined;

  const leave = (): void => {
    if (place !== undefined) closeSync(place.file);
    place = undefined;
  };

  const enter = (choose: (segments: readonly Segment[]) => Segment | undefined): void => {
    leave();
    let segment = choose(segmentsIn(directory));
    while (segment !== undefined && place === undefined) {
      place = placeIn(segment);
      if (place === undefined) segment = choose(segmentsIn(directory));
    }
  };

  /**
   * Goes on to the segment behind a finished one, or behind those that were removed.
   * @returns false when there is none
   */
  const enterNext = (from: Place): boolean => {
    const segments = segmentsIn(directory);
    const next = segments.find(({ first }) => first > from.segment.first);
    const isRemoved = segments[0] !== undefined && segments[0].first > from.segment.first;
    if (next === undefined || (next.first !== from.number + 1 && !isRemoved)) return false;
    enter((now) => now.find(({ first }) => first >= next.first));
    return true;
  };

  const isLast = (from: Place): boolean => segmentsIn(directory).at(-1)?.first === from.segment.first;

  /** The next block; undefined at the end. */
  const next = async (): Promise<Block | undefined> => {
    while (place !== undefined) {
      const here: Place = place;
      const block = await blockAt(here);
      if (block !== undefined) return block;
      if (isReplaced(here)) {
        enter((now) => now.find(({ first }) => first >= here.segment.first));
        continue;
      }
      if (enterNext(here)) continue;
      // A segment has its name only when its first block is durable.
      if (isLast(here) && here.offset > 0 && !(await hasLaterBlock(here))) return undefined;
      // A block behind it proves that this one was whole. Unless it was written only while we looked, it is damaged
      // now.
      if ((await blockAt(here)) === undefined && !enterNext(here)) throw damageAt(here);
    }
    return undefined;
  };

  const step = (from: Place, { size, after }: Block): void => {
    from.offset += size;
    from.number = after.number;
    from.bytes = after.bytes;
  };

  return {
    after: async (wanted, limit) => {
      if (place === undefined || place.number > wanted) {
        enter((segments) => segments.findLast(({ first }) => first <= wanted + 1) ?? segments[0]);
      }
      // What was read ahead may have been overwritten since: a failed write is followed by another one in its place.
      if (place !== undefined) place.window = NOTHING;
      const records: JournalRecord[] = [];
      while (records.length < limit) {
        const block = await next();
        if (block === undefined || place === undefined) break;
        const { values, before } = block;
        const from = Math.max(0, wanted - before.number);
        const to = Math.min(values.length, from + limit - records.length);
        for (const [index, value] of values.slice(from, to).entries()) {
          records.push({ number: before.number + from + index + 1, value });
        }
        if (to < values.length) break;
        step(place, block);
      }
      return records;
    },
    end: async () => {
      enter((segments) => segments.at(-1));
      for (let block = await next(); block !== undefined && place !== undefined; block = await next()) {
        step(place, block);
      }
      if (place === undefined) return undefined;
      const { segment, offset, number, bytes } = place;
      return { segment, offset, number, bytes };
    },
    note: () => {
      const path = join(directory, NOTE);
      return existsSync(path) ? readFileSync(path) : undefined;
    },
    close: leave,
  };
}

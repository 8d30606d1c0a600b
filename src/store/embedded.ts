import { chmodSync, existsSync, mkdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { open, type RootDatabase } from 'lmdb';
import type { Limits } from '../limits.ts';
import {
  type Conflict,
  checkKey,
  type Entry,
  type GuardedWrite,
  type KeyRange,
  partitionOfGuarded,
  partitionOfRange,
  partitionOfWrites,
  type ReadableStore,
  type Store,
  type Write,
} from './store.ts';
import { lockForWriting } from './writer-lock.ts';

type Database = RootDatabase<Buffer, string>;

function openDatabase(path: string, readOnly: boolean): Database {
  return open<Buffer, string>({
    path,
    readOnly,
    encoding: 'binary',
    // A directory named `data.v1` is still a directory.
    noSubdir: false,
    // A commit resolves after its fsync, so what can be read is durable, and a failed fsync is a failed write.
    overlappingSync: false,
    // Every write is already a batch of its own. lmdb's batch per turn adds a promise that nobody handles, by which a
    // failed commit would end the process.
    eventTurnBatching: false,
  });
}

/**
 * From this many on, values are copied side by side into Node's buffer pool: memory of its own for each takes a third
 * of the time to read it. Fewer get memory of their own, so that to keep one for long keeps no others alive.
 */
const POOLED_MIN = 64;

function readValue(database: Database, key: string, isPooled = false): Buffer | undefined {
  // A buffer that the next read overwrites, and whose underlying memory may be longer than the value.
  const volatile = database.getBinaryFast(key);
  if (volatile === undefined) return undefined;
  const { length } = volatile;
  const value = isPooled ? Buffer.allocUnsafe(length) : Buffer.allocUnsafeSlow(length);
  volatile.copy(value, 0, 0, length);
  return value;
}

function readFrom(database: Database): Omit<ReadableStore, 'close'> {
  return {
    get: async (key) => {
      checkKey(key);
      database.resetReadTxn();
      return readValue(database, key);
    },
    getMany: async (keys) => {
      for (const key of keys) checkKey(key);
      // All of them are read in one transaction, which begins with the first.
      database.resetReadTxn();
      const isPooled = keys.length >= POOLED_MIN;
      const values: (Buffer | undefined)[] = [];
      for (const key of keys) values.push(readValue(database, key, isPooled));
      return values;
    },
    page: async ({ from, to }, limit, reverse = false) => {
      partitionOfRange({ from, to });
      database.resetReadTxn();
      // Going back, lmdb starts at `start` and would include it: our upper bound never is a key of its own range.
      const entries: Entry[] = [
        ...(reverse
          ? database.getRange({
              start: to,
              exclusiveStart: true,
              end: from,
              inclusiveEnd: true,
              limit,
              reverse,
            })
          : database.getRange({ start: from, end: to, limit })),
      ];
      return entries;
    },
  };
}

function apply(database: Database, write: Write, durableKeys: readonly string[]): void {
  if ('put' in write) {
    void database.put(write.put, toBuffer(write.value));
  } else if ('delete' in write) {
    void database.remove(write.delete);
  } else {
    for (const key of durableKeys) void database.remove(key);
  }
}

function toBuffer(value: Uint8Array): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

function keysIn(database: Database, { from, to }: KeyRange): readonly string[] {
  database.resetReadTxn();
  return [...database.getKeys({ start: from, end: to })];
}

/**
 * The reason of a failed commit. lmdb hands it over as a promise inside the error; unhandled, that promise would end
 * the process.
 */
async function reasonOf(failure: unknown): Promise<unknown> {
  if (!(failure instanceof Error && 'commitError' in failure)) return failure;
  try {
    await failure.commitError;
    return failure;
  } catch (reason) {
    return reason;
  }
}

type StoreLimits = Pick<Limits, 'storeFreeBytesMin'>;

/**
 * Throws when the disk has no room for the writes. lmdb 3.5 must not find that out itself: its message about a failed
 * page write (mdb.c, mdb_page_flush) is longer than the buffer it is printed to. Deleting needs a little room too, and
 * may use some of what is kept free.
 */
function checkRoom(path: string, writes: readonly Write[], { storeFreeBytesMin }: StoreLimits): void {
  const neededBytes = writes.reduce(
    (bytes, write) => ('put' in write ? bytes + 2 * write.value.byteLength : bytes),
    0,
  );
  const makesRoom = writes.some((write) => !('put' in write));
  const { bavail, bsize } = statfsSync(path);
  if (bavail * bsize - neededBytes < storeFreeBytesMin / (makesRoom ? 2 : 1)) {
    throw new Error('The disk of the store is full (limits.storeFreeBytesMin).');
  }
}

/** To be called within a transaction: writes when every expectation holds, else returns the first that does not. */
function applyIf(database: Database, { expect, writes }: GuardedWrite): Conflict | undefined {
  for (const { key, value } of expect) {
    const stored = database.get(key);
    const holds =
      stored === undefined || value === undefined
        ? stored === value
        : Buffer.compare(stored, toBuffer(value)) === 0;
    // A copy: inside a transaction the bytes may be the page's own.
    if (!holds) return { key, value: stored && Buffer.from(stored) };
  }
  for (const write of writes) apply(database, write, []);
  return undefined;
}

/** Both ways to write to a database. After a failed commit neither may be used again. */
function writerTo(database: Database, path: string, limits: StoreLimits): Pick<Store, 'write' | 'writeIf'> {
  let failed: Error | undefined;
  function check(writes: readonly Write[]): void {
    // After a failed commit the library's state cannot be trusted: nothing is written until the store is opened again.
    if (failed !== undefined) throw failed;
    checkRoom(path, writes, limits);
  }
  async function commit<Result>(transaction: () => Promise<Result>): Promise<Result> {
    try {
      return await transaction();
    } catch (failure) {
      failed = new Error('The store cannot be written; it must be opened again.', {
        cause: await reasonOf(failure),
      });
      throw failed;
    }
  }
  return {
    write: async (writes) => {
      partitionOfWrites(writes);
      check(writes);
      const durableKeys = writes.map((write) =>
        'deleteRange' in write ? keysIn(database, write.deleteRange) : [],
      );
      await commit(() =>
        database.batch(() => {
          writes.forEach((write, index) => {
            apply(database, write, durableKeys[index] ?? []);
          });
        }),
      );
    },
    writeIf: async (guarded) => {
      guarded.forEach(partitionOfGuarded);
      check(guarded.flatMap(({ writes }) => writes));
      return commit(() => database.transaction(() => guarded.map((one) => applyIf(database, one))));
    },
  };
}

/**
 * Opens the embedded store in a directory for reading and writing; creates the directory (mode 0700) if need be.
 *
 * @param path directory
 * @throws Error when another process is writing to it, or it cannot be opened
 */
export function openEmbedded(path: string, limits: StoreLimits): Store {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, 0o700);
  const lock = lockForWriting(path);
  try {
    const database = openDatabase(path, false);
    return {
      ...readFrom(database),
      ...writerTo(database, path, limits),
      close: async () => {
        await database.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Whether anything was ever kept in a directory. */
export function hasEmbedded(path: string): boolean {
  return existsSync(join(path, 'data.mdb'));
}

/**
 * Opens the embedded store in a directory for reading only, also while another process writes to it.
 *
 * @param path directory
 * @throws Error when there is no store in it
 */
export function openEmbeddedForReading(path: string): ReadableStore {
  if (!hasEmbedded(path)) throw new Error(`There is no store in ${path}.`);
  const database = openDatabase(path, true);
  return { ...readFrom(database), close: () => database.close() };
}

/**
 * A key is a partition, a slash and the rest: `audit/event/0001`. Together 3 to 512 printable ASCII characters without
 * spaces, ordered by character code. What is to be written together, or read as one range, is in one partition;
 * partitions may lie on different machines, so what grows large is spread over several.
 */
export type Key = string;

/** Keys of one partition, from `from` (included) up to `to` (left out). */
export interface KeyRange {
  readonly from: Key;
  readonly to: Key;
}

export interface Entry {
  readonly key: Key;
  readonly value: Uint8Array;
}

export type Write =
  | { readonly put: Key; readonly value: Uint8Array }
  | { readonly delete: Key }
  /**
   * Deletes the keys that are durable when `write` is called, but not those that the same call writes. Whether writes
   * under way in the range stay is not defined.
   */
  | { readonly deleteRange: KeyRange };

/**
 * Writes that depend on what is stored: `expect` names keys and the exact bytes they must hold, `undefined` for none.
 * `deleteRange` is left out, since its extent would not be guarded.
 */
export interface GuardedWrite {
  readonly expect: readonly { readonly key: Key; readonly value: Uint8Array | undefined }[];
  readonly writes: readonly Exclude<Write, { readonly deleteRange: KeyRange }>[];
}

/** The first expectation of a guarded write that did not hold: its key and what is stored there. */
export interface Conflict {
  readonly key: Key;
  readonly value: Uint8Array | undefined;
}

/** The reading half of a store: all that a second process may hold while another writes. */
export interface ReadableStore {
  readonly get: (key: Key) => Promise<Uint8Array | undefined>;
  /**
   * The values of many keys, also of several partitions, in the order asked for, in one round trip. The values of one
   * partition are from one moment: of a write, all or nothing.
   */
  readonly getMany: (keys: readonly Key[]) => Promise<readonly (Uint8Array | undefined)[]>;
  /**
   * At most `limit` entries of the range, in order of their keys, or from the end of the range when `reverse`.
   * Sees every write that was durable when it was called. Read a long range page by page.
   */
  readonly page: (range: KeyRange, limit: number, reverse?: boolean) => Promise<readonly Entry[]>;
  readonly close: () => Promise<void>;
}

/**
 * The one small durable key-value contract under the vault, consent and reading budgets. A key that breaks the
 * contract, or one call over several partitions where it must be one, is refused with a RangeError before anything is
 * written.
 */
export interface Store extends ReadableStore {
  /**
   * All of it or none of it, and durable once the promise resolves: it survives kill -9 and power loss. Calls for one
   * partition take effect in order. Concurrent calls share one flush to disk. After a rejection the outcome is not
   * known: read to find out.
   */
  readonly write: (writes: readonly Write[]) => Promise<void>;
  /**
   * Each by itself, in order, and each as one: either all that it expects holds and all of it is written, or nothing.
   * No other writer of the same store comes between the look and the write. One round trip for all of a partition, and
   * durable once the promise resolves.
   * @returns for each, undefined when it was written, else what stood in its way
   */
  readonly writeIf: (guarded: readonly GuardedWrite[]) => Promise<readonly (Conflict | undefined)[]>;
}

const KEY = /^[\x21-\x2e\x30-\x7e]+\/[\x21-\x7e]+$/;
const KEY_LENGTH_MAX = 512;

/** Throws a RangeError for a key outside the contract. */
export function checkKey(key: Key): void {
  if (key.length > KEY_LENGTH_MAX || !KEY.test(key)) {
    throw new RangeError('A key is a partition, a slash and the rest: 3 to 512 printable ASCII characters.');
  }
}

/** The partition of a key, without the slash. @throws RangeError for a key outside the contract */
export function partitionOf(key: Key): string {
  checkKey(key);
  return key.slice(0, key.indexOf('/'));
}

/** The partition of a range. @throws RangeError when its ends are not in one partition */
export function partitionOfRange({ from, to }: KeyRange): string {
  const slash = from.indexOf('/');
  if (slash < 1 || !to.startsWith(from.slice(0, slash + 1))) {
    throw new RangeError('A range lies within one partition.');
  }
  return from.slice(0, slash);
}

function partitionOfWrite(write: Write): string {
  if ('put' in write) return partitionOf(write.put);
  return 'delete' in write ? partitionOf(write.delete) : partitionOfRange(write.deleteRange);
}

function onlyOne(first: string | undefined, next: string): string {
  if (first !== undefined && first !== next)
    throw new RangeError('What is written together lies within one partition.');
  return next;
}

/** The partition that all the writes are for; undefined without any. @throws RangeError when there are several */
export function partitionOfWrites(writes: readonly Write[]): string | undefined {
  let partition: string | undefined;
  for (const write of writes) partition = onlyOne(partition, partitionOfWrite(write));
  return partition;
}

/** The partition that a guarded write looks at and writes to. @throws RangeError when there are several */
export function partitionOfGuarded({ expect, writes }: GuardedWrite): string | undefined {
  let partition = partitionOfWrites(writes);
  for (const { key } of expect) partition = onlyOne(partition, partitionOf(key));
  return partition;
}

/** Every key that begins with `prefix`. */
export function keysUnder(prefix: string): KeyRange {
  return { from: prefix, to: `${prefix}\x7f` };
}

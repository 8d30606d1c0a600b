/** Keys are 1 to 512 printable ASCII characters without spaces, ordered by character code. */
export type Key = string;

/** Keys from `from` (included) up to `to` (left out). */
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
  /** Deletes the keys that are durable when `write` is called; others of the same call stay. */
  | { readonly deleteRange: KeyRange };

/**
 * Writes that depend on what is stored: `expect` names keys and the exact bytes they must hold, `undefined` for none. `deleteRange`
 * is left out, since its extent would not be guarded.
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
  /** The values of many keys in the order asked for, in one round trip. */
  readonly getMany: (keys: readonly Key[]) => Promise<readonly (Uint8Array | undefined)[]>;
  /**
   * At most `limit` entries of the range, in order of their keys, or from the end of the range when `reverse`.
   * Sees every write that was durable when it was called. Read a long range page by page.
   */
  readonly page: (range: KeyRange, limit: number, reverse?: boolean) => Promise<readonly Entry[]>;
  readonly close: () => Promise<void>;
}

/** The one small durable key-value contract under the audit spool, the vault and consent. */
export interface Store extends ReadableStore {
  /**
   * All of it or none of it, and durable once the promise resolves: it survives kill -9 and power loss. Calls take effect in
   * order. Concurrent calls share one flush to disk. After a rejection the outcome is not known: read to find out.
   */
  readonly write: (writes: readonly Write[]) => Promise<void>;
  /**
   * Each by itself, in order, and each as one: either all that it expects holds and all of it is written, or nothing. No other writer of
   * the same store comes between the look and the write. One round trip for all, and durable once the promise resolves.
   * @returns for each, undefined when it was written, else what stood in its way
   */
  readonly writeIf: (guarded: readonly GuardedWrite[]) => Promise<readonly (Conflict | undefined)[]>;
}

const KEY = /^[\x21-\x7e]{1,512}$/;

/** Throws a RangeError for a key outside the contract. */
export function checkKey(key: Key): void {
  if (!KEY.test(key)) throw new RangeError('A key has 1 to 512 printable ASCII characters.');
}

/** Every key that begins with `prefix`. */
export function keysUnder(prefix: string): KeyRange {
  return { from: prefix, to: `${prefix}\x7f` };
}

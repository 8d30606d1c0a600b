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

/** The reading half of a store: all that a second process may hold while another writes. */
export interface ReadableStore {
  readonly get: (key: Key) => Promise<Uint8Array | undefined>;
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

import type { Conflict, GuardedWrite, Store } from '../store/store.ts';

/** Length of a record's name: a keyed hash of 132 bits in base64url. */
const NAME_LENGTH = 22;
/** When there are more lines than this, they are merged into one for each slice of time, */
const LINES_MAX = 64;
/**
 * or when there are more lines than one for so many records: merging writes all records again, which must not happen at
 * every line.
 */
const RECORDS_A_LINE = 256;
const SEQ_DIGITS = 12;
/** In every round some writer succeeds; to lose this many in a row to others is a fault. */
const ROUNDS_MAX = 32;

/** Records that were read at one time. Stored as 8 bytes of time and the names one after the other. */
export interface Line {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly names: readonly string[];
}

/** Tells which lines there are: from `first` up to `next`, which is not there yet. */
export interface Head {
  /** When the ledger was begun, which tells it from an earlier one that was swept away. */
  readonly begun: number;
  readonly first: number;
  readonly next: number;
  /** When nothing in it counts any more. Times in milliseconds since the epoch. */
  readonly until: number;
}

/** Where an account lies. Accounts are spread over partitions, whose heads stand together. */
export function placesOf(account: string): {
  readonly head: string;
  readonly line: (seq: number) => string;
} {
  const partition = partitionOf(account.slice(0, 1));
  return {
    head: `${partition}/head/${account}`,
    line: (seq) => `${partition}/line/${account}/${String(seq).padStart(SEQ_DIGITS, '0')}`,
  };
}

/** The accounts whose names begin with this character. */
export function partitionOf(initial: string): string {
  return `budget.${initial}`;
}

export function encodeHead({ begun, first, next, until }: Head): Buffer {
  return Buffer.from(JSON.stringify([begun, first, next, until]));
}

export function decodeHead(bytes: Uint8Array): Head {
  const [begun, first, next, until] = JSON.parse(Buffer.from(bytes).toString()) as [
    number,
    number,
    number,
    number,
  ];
  return { begun, first, next, until };
}

export function encodeLine({ at, names }: Line): Buffer {
  const bytes = Buffer.alloc(8 + NAME_LENGTH * names.length);
  bytes.writeDoubleBE(at);
  bytes.write(names.join(''), 8, 'latin1');
  return bytes;
}

function decodeLine(bytes: Uint8Array): Line {
  const { buffer, byteOffset, byteLength } = bytes;
  const line = Buffer.from(buffer, byteOffset, byteLength);
  const names: string[] = [];
  for (let start = 8; start < line.length; start += NAME_LENGTH) {
    names.push(line.toString('latin1', start, start + NAME_LENGTH));
  }
  return { at: line.readDoubleBE(), names };
}

/** The stored lines of one account, as one instance knows them. Never overwrites what another instance has added. */
export interface Ledger {
  /** Reads what was added since the last read; at first, everything. */
  readonly catchUp: () => Promise<readonly Line[]>;
  /**
   * Adds a line, durable once the promise resolves, and drops lines whose time is over.
   * @param live every name that counts, with the time it was last read
   * @returns false when another instance came between: nothing was written, and there is something to catch up with
   */
  readonly append: (line: Line, live: ReadonlyMap<string, number>) => Promise<boolean>;
}

interface Known {
  /** Undefined: there is no ledger, as far as is known. */
  readonly head: Head | undefined;
  /** The head as it was read: a write expects it unchanged. */
  readonly bytes: Uint8Array | undefined;
  /** Times of the lines from `head.first` on. */
  readonly times: readonly number[];
}

const NOTHING: Known = { head: undefined, bytes: undefined, times: [] };

/**
 * @param keepMs how long a line counts
 * @param sliceMs lines of one slice of time may become one line
 */
export function openLedger(store: Store, account: string, keepMs: number, sliceMs: number): Ledger {
  const places = placesOf(account);
  let known = NOTHING;

  async function catchUp(): Promise<readonly Line[]> {
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const bytes = await store.get(places.head);
      if (bytes === undefined) {
        known = NOTHING;
        return [];
      }
      const head = decodeHead(bytes);
      const before = known.head?.begun === head.begun ? known.head : undefined;
      const from = Math.max(head.first, before?.next ?? 0);
      const values = await store.getMany(sequence(from, head.next).map(places.line));
      const lines = values.flatMap((value) => (value === undefined ? [] : [decodeLine(value)]));
      // A line that is gone was merged with others meanwhile.
      if (lines.length < values.length) continue;
      const kept = before === undefined ? [] : known.times.slice(Math.max(0, head.first - before.first));
      known = { head, bytes, times: [...kept, ...lines.map(({ at }) => at)] };
      return lines;
    }
    throw new Error('Others changed the same ledger all the time.');
  }

  async function append(line: Line, live: ReadonlyMap<string, number>): Promise<boolean> {
    const head = known.head ?? { begun: line.at, first: 0, next: 0, until: 0 };
    const over = known.times.findIndex((at) => at + keepMs > line.at);
    const expired = over === -1 ? known.times.length : over;
    const isLong = known.times.length - expired >= Math.max(LINES_MAX, live.size / RECORDS_A_LINE);
    const dropped = isLong ? known.times.length : expired;
    const added = isLong ? [...bySlice(live, sliceMs), line] : [line];
    const next: Head = {
      begun: head.begun,
      first: head.first + dropped,
      next: head.next + added.length,
      until: Math.max(head.until, line.at + keepMs),
    };
    const bytes = encodeHead(next);
    const writes: GuardedWrite['writes'] = [
      { put: places.head, value: bytes },
      ...added.map((one, index) => ({ put: places.line(head.next + index), value: encodeLine(one) })),
      ...sequence(head.first, next.first).map((seq) => ({ delete: places.line(seq) })),
    ];
    const [conflict] = await store.writeIf([{ expect: [{ key: places.head, value: known.bytes }], writes }]);
    if (conflict !== undefined) return false;
    known = { head: next, bytes, times: [...known.times.slice(dropped), ...added.map(({ at }) => at)] };
    return true;
  }

  return { catchUp, append };
}

function sequence(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
}

/**
 * Merges everything that counts into as few lines as possible: what was read in one slice of time counts as read at its
 * end.
 */
function bySlice(live: ReadonlyMap<string, number>, sliceMs: number): Line[] {
  const slices = Map.groupBy(live, ([, at]) => Math.floor(at / sliceMs));
  return Array.from(slices, ([, entries]) => ({
    at: entries.reduce((latest, [, at]) => Math.max(latest, at), 0),
    names: entries.map(([name]) => name),
  })).sort((a, b) => a.at - b.at);
}

/**
 * Removes a ledger that counts nothing any more, unless somebody is adding to it.
 * @param bytes the head as it is stored
 */
export async function removeLedger(
  store: Store,
  account: string,
  bytes: Uint8Array,
): Promise<Conflict | undefined> {
  const places = placesOf(account);
  const { first, next } = decodeHead(bytes);
  const writes = [places.head, ...sequence(first, next).map(places.line)].map((key) => ({ delete: key }));
  const [conflict] = await store.writeIf([{ expect: [{ key: places.head, value: bytes }], writes }]);
  return conflict;
}

/** Records that were read and still count, with the time at which each was last read. Never more than is durable. */
export interface Readings {
  readonly size: () => number;
  readonly has: (name: string) => boolean;
  /** Milliseconds since the epoch; undefined for a record that does not count. */
  readonly lastRead: (name: string) => number | undefined;
  /** By name, for a ledger to merge its lines. */
  readonly all: ReadonlyMap<string, number>;
  readonly note: (at: number, names: Iterable<string>) => void;
  /** Forgets records that no longer count. */
  readonly forgetOld: (now: number) => void;
  /** Milliseconds until that many of the records no longer count. */
  readonly freeInMs: (count: number, now: number) => number;
  readonly clear: () => void;
}

/** @param keepMs how long a record counts after it was last read */
export function createReadings(keepMs: number): Readings {
  const seen = new Map<string, number>();
  /** Lower bound of their times. */
  let earliest = Number.POSITIVE_INFINITY;
  /** All times in order, kept once a request was refused, so that repeated requests do not sort them each time. */
  let times: Float64Array | undefined;
  return {
    size: () => seen.size,
    has: (name) => seen.has(name),
    lastRead: (name) => seen.get(name),
    all: seen,
    note: (at, names) => {
      for (const name of names) if ((seen.get(name) ?? 0) < at) seen.set(name, at);
      earliest = Math.min(earliest, at);
      times = undefined;
    },
    forgetOld: (now) => {
      // Accounts grow to a hundred thousand records, and at most writes none of them has expired.
      if (earliest + keepMs > now) return;
      earliest = Number.POSITIVE_INFINITY;
      times = undefined;
      for (const [name, at] of seen) {
        if (at + keepMs <= now) seen.delete(name);
        else earliest = Math.min(earliest, at);
      }
    },
    freeInMs: (count, now) => {
      times ??= Float64Array.from(seen.values()).sort();
      return (times[count - 1] ?? now) + keepMs - now;
    },
    clear: () => {
      seen.clear();
      earliest = Number.POSITIVE_INFINITY;
      times = undefined;
    },
  };
}

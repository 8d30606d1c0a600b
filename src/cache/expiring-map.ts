import type { Clock } from '../clock.ts';

/** Remembers values until they expire, and the newest of them when there are too many. */
export interface ExpiringMap<Value> {
  /** Undefined when it was never set, is forgotten, or has expired. */
  readonly get: (key: string) => Value | undefined;
  /** @param expiresMs milliseconds since the epoch */
  readonly set: (key: string, value: Value, expiresMs: number) => void;
}

/** @param sizeMax number of values; the oldest make room */
export function createExpiringMap<Value>(clock: Clock, sizeMax: number): ExpiringMap<Value> {
  const entries = new Map<string, { readonly value: Value; readonly expiresMs: number }>();
  return {
    get: (key) => {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      if (clock() < entry.expiresMs) return entry.value;
      entries.delete(key);
      return undefined;
    },
    set: (key, value, expiresMs) => {
      entries.delete(key);
      if (entries.size >= sizeMax) {
        const oldest = entries.keys().next();
        if (!oldest.done) entries.delete(oldest.value);
      }
      entries.set(key, { value, expiresMs });
    },
  };
}

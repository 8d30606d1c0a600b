import { forgetWhenIdle } from './idle.ts';

/**
 * Remembers values by text and forgets the least recently used first. What was not used for a minute or two is
 * forgotten in any case.
 */
export interface BoundedCache<Value> {
  readonly get: (key: string) => Value | undefined;
  readonly set: (key: string, value: Value) => void;
}

interface Entry<Value> {
  readonly value: Value;
  /** The minute in which it was last used. */
  usedIn: number;
}

/** @param bytesMax of all keys together, so that long ones cannot fill the memory */
export function createBoundedCache<Value>(entriesMax: number, bytesMax: number): BoundedCache<Value> {
  const entries = new Map<string, Entry<Value>>();
  let bytes = 0;
  let minute = 0;

  function forget(key: string): void {
    entries.delete(key);
    bytes -= Buffer.byteLength(key);
  }

  const remembers = forgetWhenIdle(() => {
    for (const [key, { usedIn }] of entries) {
      if (usedIn === minute) break;
      forget(key);
    }
    minute++;
    return entries.size > 0;
  });

  return {
    get: (key) => {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entry.usedIn = minute;
      entries.delete(key);
      entries.set(key, entry);
      return entry.value;
    },
    set: (key, value) => {
      remembers();
      if (!entries.delete(key)) bytes += Buffer.byteLength(key);
      entries.set(key, { value, usedIn: minute });
      for (const oldest of entries.keys()) {
        if (entries.size <= entriesMax && bytes <= bytesMax) break;
        forget(oldest);
      }
    },
  };
}

/** Remembers values by text, least recently used forgotten first. */
export interface BoundedCache<Value> {
  readonly get: (key: string) => Value | undefined;
  readonly set: (key: string, value: Value) => void;
}

/** @param bytesMax of all keys together, so that long ones cannot fill the memory */
export function createBoundedCache<Value>(entriesMax: number, bytesMax: number): BoundedCache<Value> {
  const entries = new Map<string, Value>();
  let bytes = 0;
  return {
    get: (key) => {
      const value = entries.get(key);
      if (value === undefined) return undefined;
      entries.delete(key);
      entries.set(key, value);
      return value;
    },
    set: (key, value) => {
      if (!entries.has(key)) bytes += Buffer.byteLength(key);
      entries.set(key, value);
      for (const oldest of entries.keys()) {
        if (entries.size <= entriesMax && bytes <= bytesMax) break;
        entries.delete(oldest);
        bytes -= Buffer.byteLength(oldest);
      }
    },
  };
}

import type { CurrentRecord } from '../current/current-values.ts';
import type { Found } from '../current/found-records.ts';

/** The record that is written to. */
export interface WrittenTarget {
  /** Its current values; undefined: not known. */
  readonly values: CurrentRecord | undefined;
  /** It does not exist yet. */
  readonly isNew: boolean;
}

export const UNTOLD: WrittenTarget = { values: undefined, isNew: false };
export const NEW: WrittenTarget = { values: undefined, isNew: true };

/**
 * The one record for a value. When it is not told which of several values a record has, none is known.
 * @param absent the result for a value without a record
 */
export function targetsByValue(
  found: readonly Found[] | undefined,
  absent: WrittenTarget,
  fold: (value: string) => string,
): (value: string) => WrittenTarget {
  if (found === undefined || found.some(({ asked }) => asked === undefined)) return () => UNTOLD;
  const under = Map.groupBy(found, ({ asked = '' }) => fold(asked));
  return (value) => {
    const [first, ...more] = under.get(fold(value)) ?? [];
    if (first === undefined) return absent;
    return more.length === 0 ? { values: first.current, isNew: false } : UNTOLD;
  };
}

import type { Detector } from '../../model/treatment.ts';
import type { Digits } from './digits.ts';
import type { Finds } from './finds.ts';

/** Numbers of a kind, told by their digits alone. */
export interface NumberKind {
  /** Fewest and most digits. */
  readonly min: number;
  readonly max: number;
  /** @param values of digits, of which `[from, from + length)` are the number's: `min` to `max` */
  readonly accepts: (values: Uint32Array, from: number, length: number) => boolean;
}

/** No kind of number has more digits, and so more groups. Bounds the work per group. */
const GROUPS_MAX = 19;

/**
 * Finds the longest number of the kind that begins with group `first` and ends at the end of a group.
 * @param end the group after the last one it may take
 * @returns the group after its last one; 0 where there is none
 */
export function endOfNumber(digits: Digits, first: number, end: number, kind: NumberKind): number {
  const from = digits.firstOf(first);
  for (let next = Math.min(first + GROUPS_MAX, end); next > first; next--) {
    const length = digits.firstOf(next) - from;
    if (length < kind.min) return 0;
    if (length <= kind.max && kind.accepts(digits.values, from, length)) return next;
  }
  return 0;
}

/**
 * Adds the numbers of the kind: in each run from left to right, the longest first, none overlapping another.
 */
export function findNumbers(digits: Digits, kind: NumberKind, detector: Detector, finds: Finds): void {
  for (let first = 0; first < digits.groupCount; ) {
    const end = digits.endOfRun(first);
    for (let group = first; digits.firstOf(end) - digits.firstOf(group) >= kind.min; ) {
      const next = endOfNumber(digits, group, end, kind);
      if (next > 0) finds.add(detector, digits.startOf(group), digits.endOf(next - 1));
      group = next > 0 ? next : group + 1;
    }
    first = end;
  }
}

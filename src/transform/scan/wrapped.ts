import type { Detector } from '../../model/treatment.ts';
import { DATE_GROUPS, isDate } from './date.ts';
import type { Digits } from './digits.ts';
import type { Finds } from './finds.ts';
import { endOfNumber, GROUPS_MAX, type NumberKind } from './number-kind.ts';

/** Two lines of a column of numbers have fewer groups. */
const GROUPS_MIN = 3;

/**
 * Looks for numbers of the kind that a line end divides: written in three groups or more, with one line end among them,
 * where the line above holds no number by itself. Columns of amounts and dates would read as numbers, so there is
 * neither a dot or slash between the groups nor a date at the line end.
 * @param add told the first group and the one after the last
 */
export function findWrapped(
  digits: Digits,
  kind: NumberKind,
  mayBegin: (group: number) => boolean,
  add: (first: number, end: number) => void,
): void {
  const { list, count } = digits.afterLineEnd;
  for (let index = 0; index < count; index++) {
    const wrap = list[index] as number;
    if (!digits.isWrapped(wrap) || isDateAt(digits, wrap)) continue;
    const end = endOfLine(digits, wrap);
    for (let first = startOfLine(digits, wrap); first < wrap; first++) {
      if (!mayBegin(first)) continue;
      const above = endOfNumber(digits, first, wrap, kind);
      const next = above > 0 ? 0 : endOfNumber(digits, first, end, kind);
      if (next > wrap && next - first >= GROUPS_MIN) add(first, next);
      first = Math.max(first, above - 1, next - 1);
    }
  }
}

/** Adds those of a kind that is told by its digits alone. */
export function findWrappedNumbers(digits: Digits, kind: NumberKind, detector: Detector, finds: Finds): void {
  findWrapped(
    digits,
    kind,
    () => true,
    (first, end) => finds.add(detector, digits.startOf(first), digits.endOf(end - 1)),
  );
}

function isDateAt(digits: Digits, wrap: number): boolean {
  return isDate(digits, wrap) || (wrap >= DATE_GROUPS && isDate(digits, wrap - DATE_GROUPS));
}

/** The first of the groups that stand before a line end as those of one number do. */
function startOfLine(digits: Digits, wrap: number): number {
  let first = wrap - 1;
  while (first > 0 && wrap - first < GROUPS_MAX && digits.isSpaced(first)) first--;
  return first;
}

/** The group after the last one of those that stand behind it so. */
function endOfLine(digits: Digits, wrap: number): number {
  let end = wrap + 1;
  while (end < digits.groupCount && end - wrap < GROUPS_MAX && digits.isSpaced(end)) end++;
  return end;
}

import type { Digits } from './digits.ts';

/** Year, month and day. */
export const DATE_GROUPS = 3;

const HYPHEN = 0x2d;
const DOT = 0x2e;
const SLASH = 0x2f;

/** True when the groups from `first` on are a date: `2024-07-15`, `15.7.2024`, `15/07/2024`, `15-07-2024`. */
export function isDate(digits: Digits, first: number): boolean {
  if (first + DATE_GROUPS > digits.groupCount) return false;
  const between = separatorBefore(digits, first + 1);
  if (between === 0 || separatorBefore(digits, first + 2) !== between) return false;
  if (digits.lengthOf(first) === 4)
    return (
      between === HYPHEN &&
      isYear(digits, first) &&
      digits.lengthOf(first + 1) === 2 &&
      digits.lengthOf(first + 2) === 2
    );
  return digits.lengthOf(first) <= 2 && digits.lengthOf(first + 1) <= 2 && isYear(digits, first + 2);
}

/** The one separator of dates that stands between a group and the one before it; 0 where there is none or more. */
function separatorBefore(digits: Digits, group: number): number {
  if (digits.gapBefore(group) !== 1) return 0;
  const unit = digits.unitBefore(group, 1);
  return unit === HYPHEN || unit === DOT || unit === SLASH ? unit : 0;
}

/** 1900 to 2099 */
function isYear(digits: Digits, group: number): boolean {
  if (digits.lengthOf(group) !== 4) return false;
  const first = digits.firstOf(group);
  const century = (digits.values[first] as number) * 10 + (digits.values[first + 1] as number);
  return century === 19 || century === 20;
}

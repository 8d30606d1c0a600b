import type { Span } from './span.ts';

/** Digits with at most a few separators between them, as people write long numbers. */
export interface DigitRun {
  readonly span: Span;
  /** The digits alone. */
  readonly digits: string;
  /** Index of the first digit of each group of adjacent digits, and the number of digits as the last entry. */
  readonly groups: readonly number[];
  /** Where each group begins in the text. */
  readonly starts: readonly number[];
}

/** Fewest digits of anything that is looked for. */
export const DIGITS_MIN = 7;
export const SEPARATORS_MAX = 3;
/** No number that is looked for has more digits, so none has more groups; it bounds the work per group. */
const GROUPS_MAX = 19;

/** Space, `.`, `-`, `/`, `_`, brackets, and control characters but for line ends. */
export const IS_SEPARATOR: readonly boolean[] = Array.from(
  { length: 0x80 },
  (_, unit) =>
    unit === 0x7f ||
    (unit < 0x20 ? unit !== 0x0a && unit !== 0x0d : ' .-/_()[]'.includes(String.fromCharCode(unit))),
);

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

function toRun(text: string, positions: readonly number[]): DigitRun {
  const start = positions[0] ?? 0;
  const end = (positions.at(-1) ?? 0) + 1;
  const groups: number[] = [];
  const starts: number[] = [];
  for (const [index, position] of positions.entries()) {
    if (index > 0 && position === (positions[index - 1] ?? 0) + 1) continue;
    groups.push(index);
    starts.push(position);
  }
  groups.push(positions.length);
  return { span: { start, end }, digits: text.slice(start, end).replace(/\D+/g, ''), groups, starts };
}

/** Every run of seven digits or more. A loop and not a pattern: a megabyte of digits would exhaust a pattern's stack. */
export function digitRuns(text: string): readonly DigitRun[] {
  const runs: DigitRun[] = [];
  let positions: number[] = [];
  let separators = 0;
  for (let index = 0; index <= text.length; index++) {
    const unit = index < text.length ? text.charCodeAt(index) : 0x0a;
    if (isDigit(unit)) {
      positions.push(index);
      separators = 0;
    } else if (positions.length > 0 && !(IS_SEPARATOR[unit] === true && ++separators <= SEPARATORS_MAX)) {
      if (positions.length >= DIGITS_MIN) runs.push(toRun(text, positions));
      positions = [];
      separators = 0;
    }
  }
  return runs;
}

/** Fewest and most digits of a part. */
type DigitsRange = readonly [min: number, max: number];

/** End of the longest accepted part that begins with group `first`, as an index into `groups`. */
function endOfPart(
  { digits, groups }: DigitRun,
  first: number,
  [min, max]: DigitsRange,
  accepts: (digits: string) => boolean,
): number | undefined {
  const from = groups[first] ?? 0;
  for (let end = Math.min(first + GROUPS_MAX, groups.length - 1); end > first; end--) {
    const to = groups[end] ?? 0;
    if (to - from < min) return undefined;
    if (to - from <= max && accepts(digits.slice(from, to))) return end;
  }
  return undefined;
}

function spanOf({ groups, starts }: DigitRun, first: number, end: number): Span {
  const digits = (groups[end] ?? 0) - (groups[end - 1] ?? 0);
  return { start: starts[first] ?? 0, end: (starts[end - 1] ?? 0) + digits };
}

/** The longest accepted part that begins where the run begins. */
export function leadingPartOf(
  run: DigitRun,
  range: DigitsRange,
  accepts: (digits: string) => boolean,
): Span | undefined {
  const end = endOfPart(run, 0, range, accepts);
  return end === undefined ? undefined : spanOf(run, 0, end);
}

/**
 * Parts of a run, from the beginning of a group to the end of a group, that are accepted: from left to right, the longest
 * first, none overlapping another.
 */
export function partsOf(run: DigitRun, range: DigitsRange, accepts: (digits: string) => boolean): Span[] {
  const spans: Span[] = [];
  let first = 0;
  while (first < run.groups.length - 1) {
    const end = endOfPart(run, first, range, accepts);
    if (end !== undefined) spans.push(spanOf(run, first, end));
    first = end ?? first + 1;
  }
  return spans;
}

import { DIGITS_MIN, type DigitRun, IS_SEPARATOR, SEPARATORS_MAX } from '../digit-run.ts';
import type { Reading } from './reading.ts';

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

function endOfGroup(units: Buffer, start: number): number {
  let end = start + 1;
  while (isDigit(units[end] as number)) end++;
  return end;
}

/** True when nothing but a few separators stands in `[end, next)`. */
function isJoined(units: Buffer, end: number, next: number): boolean {
  if (next - end > SEPARATORS_MAX) return false;
  for (let at = end; at < next; at++) if (IS_SEPARATOR[units[at] as number] !== true) return false;
  return true;
}

/** As `digitRuns`. */
export function digitRunsOf(reading: Reading): readonly DigitRun[] {
  const { units, groups, groupCount } = reading;
  const runs: DigitRun[] = [];
  let first = 0;
  while (first < groupCount) {
    let last = first;
    let end = endOfGroup(units, groups[first] as number);
    let digits = end - (groups[first] as number);
    while (last + 1 < groupCount && isJoined(units, end, groups[last + 1] as number)) {
      const start = groups[++last] as number;
      end = endOfGroup(units, start);
      digits += end - start;
    }
    if (digits >= DIGITS_MIN) runs.push(toRun(reading, first, last, end));
    first = last + 1;
  }
  return runs;
}

function toRun({ units, groups }: Reading, first: number, last: number, end: number): DigitRun {
  const start = groups[first] as number;
  const ownGroups: number[] = [];
  const starts: number[] = [];
  let digits = '';
  for (let group = first; group <= last; group++) {
    const from = groups[group] as number;
    const to = endOfGroup(units, from);
    ownGroups.push(digits.length);
    starts.push(from);
    digits += units.toString('latin1', from, to);
  }
  ownGroups.push(digits.length);
  return { span: { start, end }, digits, groups: ownGroups, starts };
}

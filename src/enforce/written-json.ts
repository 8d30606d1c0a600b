import type { RecordCursor } from '../media/record.ts';
import type { Transform } from '../transform/transform.ts';
import type { JsonTexts } from './json-text.ts';
import type { FieldPlan } from './object-plan.ts';
import type { Verdict, WrittenTo } from './written-value.ts';

/** How a text that is JSON, or an object or array, may have been shown. */
export interface JsonShown {
  readonly texts: JsonTexts;
  readonly scan: Transform | undefined;
}

/** @param plan what else is done to the field @returns undefined: it was not shown as JSON */
export function jsonShown(
  record: RecordCursor,
  index: number,
  { transform }: FieldPlan,
  texts: JsonTexts,
): JsonShown | undefined {
  const isScanned = transform?.treatment.kind === 'scan' && record.kind(index) === 'string';
  if (transform !== undefined && !isScanned) return undefined;
  if (!record.mayHoldJson(index) || !isJson(record.text(index))) return undefined;
  return { texts, scan: transform };
}

function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}

/** Tells new JSON from what this principal was shown of the old: of what was hidden in it, the new would keep nothing. */
export function judgeJson(
  written: string,
  shown: readonly JsonShown[],
  { current, isNew }: Omit<WrittenTo, 'plans'>,
): Verdict {
  if (isNew || current === null) return 'new';
  if (current === undefined) return shown.some((one) => holdsTreated(written, one)) ? 'untold' : 'new';
  const before = String(current);
  const ways = shown.map(({ texts, scan }) => {
    const treated = texts.shown(before, scan);
    return scan === undefined ? treated : scan.string(treated);
  });
  if (ways.includes(written)) return 'unchanged';
  return ways.some((way) => way !== before) ? 'edited' : 'new';
}

function holdsTreated(text: string, { texts, scan }: JsonShown): boolean {
  let holds = false;
  texts.shown(text, scan, () => {
    holds = true;
  });
  return holds;
}

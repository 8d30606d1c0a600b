import type { RecordCursor } from '../../media/record.ts';
import { REDACTED } from '../../transform/redact.ts';
import type { Transform } from '../../transform/transform.ts';
import type { JsonTexts } from '../record/json-text.ts';
import type { FieldPlan } from '../record/object-plan.ts';
import type { Verdict, WrittenTo } from '../record/written-value.ts';

/** How a field with JSON (a text, object or array) may have been shown. */
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
  if (record.kind(index) === 'container')
    return transform === undefined ? { texts, scan: undefined } : undefined;
  if (transform !== undefined && transform.treatment.kind !== 'scan') return undefined;
  if (record.kind(index) !== 'string' || !isShownJson(record.text(index))) return undefined;
  return { texts, scan: transform };
}

/** A text that cannot be read as JSON to its end was not shown as JSON. */
function isShownJson(text: string): boolean {
  if (text === REDACTED) return true;
  try {
    return typeof JSON.parse(text.replace(/^\uFEFF/, '')) !== 'number';
  } catch {
    return false;
  }
}

/**
 * Tells new JSON from what this principal was shown of the old. New JSON would overwrite everything that was hidden in
 * it.
 */
export function judgeJson(
  written: string,
  shown: readonly JsonShown[],
  { current, isNew }: Omit<WrittenTo, 'plans'>,
): Verdict {
  if (isNew || current === null) return 'new';
  if (current === undefined) {
    const mayBeShown = written === REDACTED || shown.some((one) => holdsTreated(written, one));
    return mayBeShown ? 'untold' : 'new';
  }
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

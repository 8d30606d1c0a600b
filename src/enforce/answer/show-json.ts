import type { RecordCursor } from '../../media/record.ts';
import { REDACTED } from '../../transform/redact.ts';
import type { Transform } from '../../transform/transform.ts';
import type { JsonTexts } from '../record/json-text.ts';
import type { Tally, TallyKey } from '../record/tally.ts';

export type ShowJson = (record: RecordCursor, index: number, scan?: Transform) => void;

/** Shows a field that may hold JSON: a text that is JSON itself, or an object or array without a shape. */
export function createShowJson({
  jsonTexts,
  tally,
}: {
  readonly jsonTexts: JsonTexts;
  readonly tally: Tally;
}): ShowJson {
  const onTreated = (key: TallyKey): void => {
    tally.treated(key).count++;
  };

  function showContainer(record: RecordCursor, index: number): void {
    const json = record.text(index);
    const shown = jsonTexts.shown(json, undefined, onTreated);
    if (shown === REDACTED) record.setLiteral(index, 'null');
    else if (shown !== json) record.setContainer(index, shown);
  }

  return (record, index, scan) => {
    if (record.kind(index) === 'container') {
      showContainer(record, index);
      return;
    }
    const text = record.text(index);
    const treated = jsonTexts.shown(text, scan, onTreated);
    const shown = scan === undefined ? treated : scan.string(treated);
    if (shown === null) record.setLiteral(index, 'null');
    else if (shown !== text) record.setString(index, shown);
  };
}

/** A text that is scanned, and may be JSON. An object or array in its place is no text. */
export function isScannedJson(record: RecordCursor, index: number, { treatment }: Transform): boolean {
  return treatment.kind === 'scan' && record.kind(index) === 'string' && record.mayHoldJson(index);
}

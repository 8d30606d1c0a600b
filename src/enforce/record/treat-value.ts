import type { RecordCursor } from '../../media/record.ts';
import type { Transform } from '../../transform/transform.ts';

/** @returns false: there was nothing to treat */
export function treatValue(record: RecordCursor, index: number, transform: Transform): boolean {
  const kind = record.kind(index);
  // Null tells only that there is no value: it stays, unless even the presence of the field is hidden.
  if (kind === 'null' && transform.structure !== 'remove') return false;
  if (transform.structure === 'remove') {
    record.remove(index);
    return true;
  }
  if (transform.structure === 'null' || kind === 'container' || kind === 'records' || kind === 'boolean') {
    record.setLiteral(index, 'null');
    return true;
  }
  const { bytes } = transform;
  if (kind === 'string' && bytes !== undefined && record.editString(index, bytes)) return true;
  const text = record.text(index);
  const shown = kind === 'number' ? transform.number(text) : transform.string(text);
  if (shown === null) record.setLiteral(index, 'null');
  else if (kind === 'number') record.setLiteral(index, shown);
  else if (shown !== text) record.setString(index, shown);
  return true;
}

import type { RecordCursor } from '../../media/record.ts';
import type { View } from '../../model/decision.ts';
import type { CsvBody, FieldUse } from '../../model/operation.ts';
import { Refusal } from '../refusal.ts';
import { isKey, type Written } from './store-values.ts';

/** The stored field that a column writes to. */
export type StoredColumn = Omit<Written, 'value'>;

/**
 * Finds the cells of an upload that hold a value of a stored field, or its token. Each column is worked out once.
 * @returns for a cell its column; undefined: it stays as it is. Throws a Refusal for a column that is unknown, or may
 * be stored or not
 */
export function storedCells(
  { columns, nullText }: CsvBody,
  view: View,
): (row: RecordCursor, index: number) => StoredColumn | undefined {
  const known: { readonly column: StoredColumn | undefined }[] = [];
  return (row, index) => {
    const name = row.name(index);
    known[index] ??= { column: columnOf(columns(name), name, view) };
    const { column } = known[index];
    if (column === undefined || row.kind(index) === 'null') return undefined;
    const text = row.text(index);
    return text === nullText || text.trim() === '' ? undefined : column;
  };
}

function columnOf(
  uses: readonly FieldUse[] | undefined,
  header: string,
  view: View,
): StoredColumn | undefined {
  if (uses === undefined) {
    throw new Refusal({ policy: 'store', message: 'A column of the upload is not a known field.' });
  }
  const stored = uses.map(({ object, field }) => ({
    object,
    field,
    stored: view.of(object).stored?.(field),
  }));
  const [first] = stored;
  if (first?.stored === undefined || stored.some((one) => one.stored?.domain !== first.stored?.domain)) {
    if (stored.every((one) => one.stored === undefined)) return undefined;
    throw new Refusal({
      policy: 'store',
      message: `The CRM keeps tokens of some of the fields that the column ${header} may mean.`,
    });
  }
  const { object, field } = first;
  return { object, field, stored: first.stored, isKey: isKey(uses, { object, field }) };
}

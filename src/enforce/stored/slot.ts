import type { RecordCursor } from '../../media/record.ts';
import type { CsvBody, FieldUse, Operation } from '../../model/operation.ts';
import type { StoredField } from '../../model/stored.ts';

/** How a record is known before the CRM tells its id: by the field that an upsert finds it by, and its value. */
export type RecordKey = readonly [field: string, value: string];

/** The key of a record in a JSON upsert; undefined where it has none, or it is not certain which it is. */
export function recordKeyIn(
  record: RecordCursor,
  object: string,
  { kind, uses, body }: Operation,
): RecordKey | undefined {
  const keys = uses.filter(
    (use) => use.position === 'lookup' && use.object === object && use.equals !== undefined,
  );
  const [key] = keys;
  // A batch has a use for each of its records.
  if (kind !== 'update' || key === undefined || keys.some((one) => one.field !== key.field)) return undefined;
  const { field } = key;
  const equals = keys.flatMap((one) => one.equals ?? []);
  const isOne = body.format === 'json' && body.root.is === 'record';
  const value = isOne && equals.length === 1 ? equals[0] : (record.id ?? textOf(record, field));
  return value === undefined ? undefined : [field, value];
}

/** The same for the rows of an upload. The column is worked out once. */
export function rowKeysOf({ object, columns }: CsvBody): (row: RecordCursor) => RecordKey | undefined {
  const known: { readonly field: string | undefined }[] = [];
  const isKey = (use: FieldUse): boolean => use.position === 'lookup' && use.object === object;
  const fieldAt = (row: RecordCursor, index: number): string | undefined => {
    known[index] ??= { field: keyOf(columns(row.name(index))) };
    return known[index].field;
  };
  // A column that names a related record only looks it up.
  const keyOf = (uses: readonly FieldUse[] = []): string | undefined =>
    uses.some(({ position }) => position === 'write') ? uses.find(isKey)?.field : undefined;
  return (row) => {
    for (let index = 0; index < row.size; index++) {
      const field = fieldAt(row, index);
      if (field !== undefined && row.kind(index) !== 'null') return [field, row.text(index)];
    }
    return undefined;
  };
}

function textOf(record: RecordCursor, field: string): string | undefined {
  const name = field.toLowerCase();
  for (let index = 0; index < record.size; index++) {
    const isKey = record.name(index).toLowerCase() === name;
    if (isKey && (record.kind(index) === 'string' || record.kind(index) === 'number'))
      return record.text(index);
  }
  return undefined;
}

/** A value's place, as the vault's `slot`; undefined where it does not matter, or the record is not known. */
export function slotOf(
  {
    object,
    field,
    stored,
  }: { readonly object: string; readonly field: string; readonly stored: StoredField },
  record: string | undefined,
): string | undefined {
  if (record === undefined || stored.form.kind !== 'random') return undefined;
  return JSON.stringify([record, object.toLowerCase(), field.toLowerCase()]);
}

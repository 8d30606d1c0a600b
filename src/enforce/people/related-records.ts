import type { RecordCursor } from '../../media/record.ts';
import type { View } from '../../model/decision.ts';
import type { Columns } from '../record/columns.ts';

/** A record other than its own that a row of a CSV answer shows cells of. */
interface Related {
  readonly object: string;
  /** Its cells. */
  readonly indexes: number[];
  /** Index of the column with its id; undefined when there is none. */
  idIndex?: number;
}

/**
 * Finds the related records in the rows of a CSV answer: those with a cell that is not empty. Where the columns are not
 * known, they may be of any object. Where records of an object are left out, its cells are emptied (see `planColumns`).
 * @param idField the field that tells records of every object apart
 */
export function createRelated(
  columns: Columns,
  view: View,
  idField: string | undefined,
): (record: RecordCursor, tell: (object: string, id: string | undefined) => void) => void {
  let known: readonly Related[] | undefined;
  return (record, tell) => {
    known ??= relatedIn(record, columns, idField?.toLowerCase()).filter(
      ({ object }) => view.of(object).rows.length === 0,
    );
    for (const { object, indexes, idIndex } of known) {
      if (indexes.every((index) => record.kind(index) === 'null')) continue;
      tell(object, idIndex === undefined ? undefined : record.text(idIndex));
    }
  };
}

/** By the path that leads to them from the row's own record. */
function relatedIn(record: RecordCursor, columns: Columns, idField: string | undefined): readonly Related[] {
  const byPath = new Map<string, Related>();
  for (let index = 0; index < record.size; index++) {
    const name = record.name(index).toLowerCase();
    const dot = name.lastIndexOf('.');
    if (dot === -1) continue;
    const path = name.slice(0, dot);
    const column = Object.hasOwn(columns, name) ? columns[name] : undefined;
    const object = column !== undefined && 'object' in column ? column.object : '*';
    const related = byPath.get(path) ?? { object, indexes: [] };
    byPath.set(path, related);
    related.indexes.push(index);
    if (name.slice(dot + 1) === idField) related.idIndex = index;
  }
  return [...byPath.values()];
}

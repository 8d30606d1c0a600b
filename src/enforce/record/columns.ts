import type { NameTable } from '../../media/name-table.ts';
import type { RecordCursor } from '../../media/record.ts';
import type { ObjectView, View } from '../../model/decision.ts';
import { nullTransform } from '../../transform/null.ts';
import type { FieldPlan, ObjectPlan } from './object-plan.ts';

/** Where the columns of a CSV answer come from, by header name in lower case. */
export type Columns = Readonly<Record<string, { readonly object: string; readonly field: string }>>;

interface ColumnTools {
  readonly columns: Columns;
  readonly view: View;
  readonly plans: (view: ObjectView) => ObjectPlan;
  readonly names: NameTable;
}

const EMPTIED = nullTransform({ kind: 'null' });

/**
 * What to do with each cell of a row, worked out once per column.
 * @returns for a row and the plan of the object whose records the rows are
 */
export function planColumns(
  tools: ColumnTools,
): (own: ObjectPlan, record: RecordCursor, index: number) => FieldPlan {
  const byIndex: FieldPlan[] = [];
  return (own, record, index) => {
    const known = byIndex[index];
    if (known !== undefined) return known;
    const planned = planColumn(tools, own, record.nameId(index), record.name(index));
    byIndex[index] = planned;
    return planned;
  };
}

function planColumn(
  { columns, view, plans, names }: ColumnTools,
  own: ObjectPlan,
  nameId: number,
  name: string,
): FieldPlan {
  const folded = name.toLowerCase();
  const known = Object.hasOwn(columns, folded) ? columns[folded] : undefined;
  // The object of a related record that the query does not select is not known.
  const column =
    known ?? (name.includes('.') ? { object: '*', field: name.replace(/^.*\./, '') } : undefined);
  if (column === undefined) return own.field(nameId, name);
  const plan = plans(view.of(column.object));
  const planned = plan.field(names.internText(column.field), column.field);
  if (!name.includes('.')) return planned;
  // A cell of a related record: the row holds nothing else of that record that would tell whether it may be seen.
  if (plan.view.rows.length > 0)
    return { ...planned, transform: EMPTIED, key: { ...planned.key, treatment: 'null' } };
  return planned.perRecord?.of(() => undefined, undefined) ?? planned;
}

import type { NameTable } from '../../media/name-table.ts';
import type { DocumentHandler, RecordCursor } from '../../media/record.ts';
import type { ObjectView, View } from '../../model/decision.ts';
import type { ColumnShape } from '../../model/shape.ts';
import { nullTransform } from '../../transform/null.ts';
import type { Transform } from '../../transform/transform.ts';
import type { FieldPlan, ObjectPlan } from './object-plan.ts';

/** What the columns of a CSV answer are, by header name in lower case. */
export type Columns = Readonly<Record<string, ColumnShape>>;

interface ColumnTools {
  readonly columns: Columns;
  readonly view: View;
  readonly plans: (view: ObjectView) => ObjectPlan;
  readonly names: NameTable;
  /** Replaces the values in words of the CRM. */
  readonly special: DocumentHandler['special'];
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
  { columns, view, plans, names, special }: ColumnTools,
  own: ObjectPlan,
  nameId: number,
  name: string,
): FieldPlan {
  const folded = name.toLowerCase();
  const known = Object.hasOwn(columns, folded) ? columns[folded] : undefined;
  if (known !== undefined && 'is' in known) {
    return ofTheCrm(own.view.object, name, known.is === 'text' ? saidBy(special) : undefined);
  }
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

/** A column that is no field: the CRM says in it what became of a row. */
function ofTheCrm(object: string, name: string, transform: Transform | undefined): FieldPlan {
  const key = { object, field: name, treatment: transform?.treatment.kind ?? 'plain' };
  return { field: name, transform, key, classified: true };
}

/** Treats words of the CRM in a cell as such words are treated everywhere. */
function saidBy(special: DocumentHandler['special']): Transform {
  const shown = (text: string): string | null => {
    const replaced = special('text', text, 0);
    return replaced === undefined ? text : replaced;
  };
  return {
    treatment: { kind: 'scan', find: [] },
    structure: 'keep',
    string: shown,
    number: () => null,
    boolean: () => null,
    container: () => null,
    recognises: () => false,
  };
}

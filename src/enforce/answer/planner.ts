import type { CrmAdapter } from '../../crm/adapter.ts';
import type { NameTable } from '../../media/name-table.ts';
import type { DocumentHandler, RecordCursor } from '../../media/record.ts';
import type { ObjectView, View } from '../../model/decision.ts';
import { type Columns, planColumns } from '../record/columns.ts';
import type { ObjectPlan } from '../record/object-plan.ts';
import { createLayouts, type Layout } from '../record/record-layout.ts';

/** What planning the records of an answer needs. */
export interface Planning {
  readonly view: View;
  readonly plans: (view: ObjectView) => ObjectPlan;
  readonly columns?: Columns | undefined;
  readonly addresses?: CrmAdapter['addresses'] | undefined;
  /** Shows what columns hold that says something of its own. */
  readonly special: DocumentHandler['special'];
  /** Fields that were added to the query, to be taken out again. */
  readonly added: ReadonlyMap<string, readonly string[]>;
  /** Field names compare without case. */
  readonly namesIgnoreCase: boolean;
  /** The rewriter's numbers for names. */
  readonly names: NameTable;
}

type Planner = (record: RecordCursor) => Layout;

/** Planners by plans, view and added fields. */
const planners = new WeakMap<Planning['plans'], WeakMap<View, WeakMap<Planning['added'], Planner>>>();

/**
 * Plans what is done to a record and its fields. Kept as long as the view, which belongs to a class of principals, so
 * that layouts of records are worked out once and not for every answer: a tenth of the work for a small one. Not kept
 * where there are columns, which belong to one answer.
 */
export function plannerOf(planning: Planning): Planner {
  if (planning.columns !== undefined) return createPlanner(planning);
  const { plans, view, added } = planning;
  const byView = planners.get(plans) ?? new WeakMap<View, WeakMap<Planning['added'], Planner>>();
  const byAdded = byView.get(view) ?? new WeakMap<Planning['added'], Planner>();
  const planner = byAdded.get(added) ?? createPlanner(planning);
  planners.set(plans, byView.set(view, byAdded.set(added, planner)));
  return planner;
}

/** Must not keep anything that belongs to one answer. */
function createPlanner(planning: Planning): Planner {
  const { view, plans, columns, namesIgnoreCase, addresses } = planning;
  const fold = (name: string): string => (namesIgnoreCase ? name.toLowerCase() : name);
  const addedTo = new Map(
    Array.from(planning.added, ([object, fields]) => [fold(object), new Set(fields.map(fold))]),
  );
  const planOfColumn = columns === undefined ? undefined : planColumns({ ...planning, columns });
  const layoutOf = createLayouts({
    planOf: (object) => plans(view.of(object)),
    fieldOf: (plan, record, index) =>
      planOfColumn === undefined
        ? plan.field(record.nameId(index), record.name(index))
        : planOfColumn(plan, record, index),
    isAdded: (plan, name) => addedTo.get(fold(plan.view.object))?.has(fold(name)) === true,
    ignoreCase: namesIgnoreCase,
  });

  function objectOf(record: RecordCursor): string {
    const { object } = record;
    if (object === undefined || addresses?.standIns.has(object) !== true) return object ?? '*';
    const address = record.id;
    return (address === undefined ? undefined : addresses.read(address)?.object) ?? '*';
  }

  // A record of unknown object gets the least revealing view.
  return (record) => layoutOf(objectOf(record), record);
}

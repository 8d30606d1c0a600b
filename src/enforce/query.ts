import type { CrmAdapter, Narrowed } from '../crm/adapter.ts';
import type { RowRule, View } from '../model/decision.ts';
import type { Operation } from '../model/operation.ts';
import { Refusal } from './refusal.ts';

/**
 * Extends a query by what the decision needs and the client did not ask for, and pushes row rules into the CRM's query
 * language where that is exact. The record filter stays behind as the net.
 * @throws Refusal when the answer is computed over records that the principal may not all see, or chosen by what they hold
 */
export function narrowQuery(adapter: CrmAdapter, operation: Operation, view: View): Narrowed {
  const fields = new Map<string, readonly string[]>();
  const rows = new Map<string, readonly RowRule[]>();
  for (const object of operation.objects) {
    const { rows: rules, needs = [] } = view.of(object);
    if (rules.length === 0 && needs.length === 0) continue;
    fields.set(object, [...new Set([...needs, ...rules.flatMap((rule) => rule.needs)])]);
    if (rules.length > 0) rows.set(object, rules);
  }
  if (fields.size === 0) return { operation, added: new Map(), rowsPushed: true };

  const narrowed = adapter.narrow(operation, { fields, rows });
  const [restricted] = rows.values();
  if (restricted === undefined || narrowed.rowsPushed) return narrowed;
  const policy = restricted[0]?.policy ?? 'rows';
  const names = [...rows.keys()].join(', ');
  if (operation.aggregates) {
    const message = `Counts and groups over ${names} would tell of records that may not be seen.`;
    throw new Refusal({ policy, message });
  }
  const telling = tellingField(operation, rows);
  if (telling !== undefined) {
    const message = `Other records cannot be chosen or sorted by ${telling}: that would tell of records of ${names} that may not be seen.`;
    throw new Refusal({ policy, message });
  }
  return narrowed;
}

/**
 * A field of a restricted object by which records of other objects are chosen: those stay in the answer when the restricted
 * record is left out of it, and tell what it holds.
 */
function tellingField(
  { objects, uses }: Operation,
  rows: ReadonlyMap<string, readonly RowRule[]>,
): string | undefined {
  if (objects.every((object) => rows.has(object))) return undefined;
  const use = uses.find(
    ({ object, position }) => rows.has(object) && position !== 'select' && position !== 'write',
  );
  return use && `${use.object}.${use.field}`;
}

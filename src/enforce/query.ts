import type { CrmAdapter, Narrowed } from '../crm/adapter.ts';
import type { RowRule, View } from '../model/decision.ts';
import type { Operation } from '../model/operation.ts';
import { Refusal } from './refusal.ts';

/**
 * Extends a query by what the decision needs and the client did not ask for, and pushes row rules into the CRM's query
 * language where that is exact. The record filter stays behind as the net.
 * @throws Refusal when the answer is computed over records that the principal may not all see
 */
export function narrowQuery(adapter: CrmAdapter, operation: Operation, view: View): Narrowed {
  const fields = new Map<string, readonly string[]>();
  const rows = new Map<string, readonly RowRule[]>();
  for (const object of operation.objects) {
    const rules = view.of(object).rows;
    if (rules.length === 0) continue;
    fields.set(object, [...new Set(rules.flatMap((rule) => rule.needs))]);
    rows.set(object, rules);
  }
  const [restricted] = rows.values();
  if (restricted === undefined) return { operation, added: new Map(), rowsPushed: true };

  const narrowed = adapter.narrow(operation, { fields, rows });
  if (operation.aggregates && !narrowed.rowsPushed) {
    throw new Refusal({
      policy: restricted[0]?.policy ?? 'rows',
      message: `Counts and groups over ${[...rows.keys()].join(', ')} would tell of records that may not be seen.`,
    });
  }
  return narrowed;
}

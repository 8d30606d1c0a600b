import type { CrmAdapter } from '../crm/adapter.ts';
import { recordName } from '../model/data-subject.ts';
import { createPseudonyms, type PseudonymsOf } from './pseudonyms.ts';
import type { BudgetAccess } from './reading-limits.ts';

/** By what names the records of one CRM count against reading budgets. */
export interface CountedNames {
  readonly nameOf: (object: string, id: string) => string;
  /** The same by what records say of themselves. */
  readonly found: PseudonymsOf;
}

/**
 * Names are kept hashes, and pages repeat their records: they are remembered by the bytes of addresses, as the names of people are.
 * @param textsMax addresses remembered for each CRM
 */
export function createCountedNames(
  budget: Pick<BudgetAccess, 'nameOf'>,
  textsMax: number,
): (upstream: string, adapter: Pick<CrmAdapter, 'globalId'>) => CountedNames {
  const known = new Map<string, CountedNames>();
  return (upstream, { globalId }) => {
    const before = known.get(upstream);
    if (before !== undefined) return before;
    const nameOf = (object: string, id: string): string =>
      budget.nameOf(
        globalId === undefined
          ? recordName(upstream, object, id)
          : recordName(upstream, undefined, globalId(id)),
      );
    const names = { nameOf, found: createPseudonyms(nameOf, textsMax) };
    known.set(upstream, names);
    return names;
  };
}

import type { CrmAdapter } from '../../crm/adapter.ts';
import { recordName } from '../../model/data-subject.ts';
import { createPseudonyms, type PseudonymsOf } from './pseudonyms.ts';
import type { BudgetAccess } from './reading-limits.ts';

/** The names under which the records of one CRM count against reading budgets. */
export interface CountedNames {
  readonly nameOf: (object: string, id: string) => string;
  /** The same, found by a record's own id or URL. */
  readonly found: PseudonymsOf;
}

/**
 * Names are keyed hashes, and pages repeat their records, so names are remembered by the bytes of ids and URLs, as
 * pseudonyms are.
 * @param textsMax ids and URLs remembered for each CRM
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

import type { BudgetAccess } from '../enforce/limits/reading-limits.ts';

/**
 * A reading budget of which nothing has been spent: what can be said of one answer where nobody knows what was read
 * before.
 */
export const UNSPENT: BudgetAccess = {
  nameOf: (record) => record,
  take: ({ recordsMax }, names) =>
    Promise.resolve(
      names.length > recordsMax
        ? { granted: false, retryMs: undefined }
        : { granted: true, counted: names.length },
    ),
};

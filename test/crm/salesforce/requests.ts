import { createSalesforceAdapter } from '../../../src/crm/salesforce/adapter.ts';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import type { RowRule } from '../../../src/model/decision.ts';

export const adapter = createSalesforceAdapter(DEFAULT_LIMITS);
export const V = '/services/data/v59.0';
export const ID = '0035e000001abcDAAQ';
export const OWNER = '0055e000001abcDAAQ';
export const soql = (text: string): string => `${V}/query?q=${encodeURIComponent(text)}`;

/** Rows that `OWNER` owns. */
export const ownRows: RowRule = {
  policy: 'own',
  needs: ['OwnerId'],
  equals: [{ field: 'OwnerId', values: [OWNER] }],
  holds: () => true,
};

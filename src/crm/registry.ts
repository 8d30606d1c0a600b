import type { Limits } from '../limits.ts';
import type { CrmAdapter } from './adapter.ts';
import { createHubspotAdapter } from './hubspot/adapter.ts';
import { createSalesforceAdapter } from './salesforce/adapter.ts';

const ADAPTERS: ReadonlyMap<string, (limits: Limits) => CrmAdapter> = new Map([
  ['salesforce', createSalesforceAdapter],
  ['hubspot', createHubspotAdapter],
]);

/** Names of the CRMs that Privet knows without being told. */
export const ADAPTER_NAMES: readonly string[] = [...ADAPTERS.keys()];

/** Values of `crm` in the configuration: one of those, or `generic` for one that a file describes. */
export const CRM_NAMES: readonly string[] = [...ADAPTER_NAMES, 'generic'];

/** The adapter of a CRM; undefined when there is none of that name. */
export function adapterFor(name: string, limits: Limits): CrmAdapter | undefined {
  return ADAPTERS.get(name)?.(limits);
}

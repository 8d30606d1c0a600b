import { createHash } from 'node:crypto';
import { ORG_USERS } from '../../sandbox/salesforce/org.ts';

/** Somebody who calls the CRM in the demo, and the key by which Privet knows them. */
export interface DemoPrincipal {
  /** As policies and the audit trail name them. */
  readonly id: string;
  readonly role: string;
  /** What they are to a reader. */
  readonly title: string;
  readonly key: string;
  /** Their own record in the Salesforce sandbox. */
  readonly crmUserId: string;
}

function principal(id: string, role: string, title: string): DemoPrincipal {
  const crmUserId = ORG_USERS.find(({ key }) => key === id)?.id ?? '';
  return { id, role, title, key: `${id}-demo-key`, crmUserId };
}

/** The staff of the sandbox company, in the roles that the example policies speak of. */
export const SUPPORT = principal('ana', 'support', 'support agent');
export const MARKETER = principal('jan', 'marketing', 'marketer');
export const SALES = principal('olena', 'sales-rep', 'sales representative');
export const OFFICER = principal('emma', 'privacy-officer', 'privacy officer');
export const PRINCIPALS: readonly DemoPrincipal[] = [SUPPORT, MARKETER, SALES, OFFICER];

/** The entry of `identity[].apiKey.keys` for a principal: the configuration knows keys by their hash only. */
export function keyEntry({ id, role, key, crmUserId }: DemoPrincipal) {
  return { id, sha256: createHash('sha256').update(key).digest('hex'), roles: [role], crmUserId };
}

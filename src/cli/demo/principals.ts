import { createHash } from 'node:crypto';
import { ORG_USERS } from '../../sandbox/salesforce/org.ts';

/** Somebody who calls the CRM in the demo, and the key by which Privet knows them. */
export interface DemoPrincipal {
  /** As policies and the audit trail name them. */
  readonly id: string;
  readonly role: string;
  /** What they do here. */
  readonly purposes: readonly string[];
  /** What they are to a reader. */
  readonly title: string;
  readonly key: string;
  /** Their own record in the Salesforce sandbox. */
  readonly crmUserId: string;
  /** Records of the people that they work with. */
  readonly team: readonly string[];
}

function principal(id: string, role: string, title: string, ...purposes: readonly string[]): DemoPrincipal {
  return { id, role, purposes, title, key: `${id}-demo-key`, crmUserId: userId(id), team: [] };
}

function userId(id: string): string {
  return ORG_USERS.find(({ key }) => key === id)?.id ?? '';
}

/** The staff of the sandbox company, in the roles that the example policies speak of. */
export const SUPPORT = principal('ana', 'support', 'support agent', 'support');
export const MARKETER = principal('jan', 'marketing', 'marketer', 'marketing.email');
export const SALES: DemoPrincipal = {
  ...principal('olena', 'sales-rep', 'sales representative'),
  team: [userId('ana')],
};
export const OFFICER = principal('emma', 'privacy-officer', 'privacy officer');
export const PRINCIPALS: readonly DemoPrincipal[] = [SUPPORT, MARKETER, SALES, OFFICER];

/** The entry of `identity[].apiKey.keys` for a principal: the configuration knows keys by their hash only. */
export function keyEntry({ id, role, purposes, key, crmUserId, team }: DemoPrincipal) {
  const sha256 = createHash('sha256').update(key).digest('hex');
  return { id, sha256, roles: [role], purposes, crmUserId, team };
}

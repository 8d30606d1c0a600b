import type { CompiledPolicy } from '../compiled-policy.ts';
import type { Placed, PolicyDocument } from '../language/documents.ts';
import type { PolicySnapshot } from '../snapshot.ts';
import { exceptionsOf } from '../who.ts';

/**
 * What policies read of a principal beyond its roles, purposes, region and level. Callers who differ only in what is
 * not read share their plans.
 */
export function readsOf(
  policies: readonly CompiledPolicy[],
  documents: readonly Placed<PolicyDocument>[],
): PolicySnapshot['reads'] {
  return {
    id: policies.some((policy) => reads(policy, 'id')) || documents.some(namesIds),
    crmUserId: policies.some((policy) => reads(policy, 'crmUserId')),
    team: policies.some((policy) => reads(policy, 'team')),
  };
}

function reads(policy: CompiledPolicy, attribute: 'id' | 'crmUserId' | 'team'): boolean {
  return [policy.when, policy.rows].some((condition) => condition?.principalNames.includes(attribute));
}

function namesIds({ content }: Placed<PolicyDocument>): boolean {
  return content.for?.ids !== undefined || exceptionsOf(content.for).some(({ ids }) => ids !== undefined);
}

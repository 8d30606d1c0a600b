import type { ObjectView } from '../model/decision.ts';
import type { Principal } from '../model/principal.ts';
import type { CompiledPolicy } from './compiled-policy.ts';
import type { Condition } from './condition.ts';
import type { AuthenticationDocument, Placed, PolicyDocument } from './language/documents.ts';

/** One of the methods or assurance levels is enough: identity providers differ in which of them they report. */
export function isAuthenticated({ amr, acr }: AuthenticationDocument, principal: Principal): boolean {
  return (
    (amr?.some((method) => principal.amr?.includes(method) === true) ?? false) ||
    (principal.acr !== undefined && acr?.includes(principal.acr) === true)
  );
}

/** How a principal has logged in. */
export type Login = Pick<Principal, 'amr' | 'acr'>;

/** Every kind of login that makes a difference to some policy: too weak for all of them, and strong enough for each. */
export function loginsOf(policies: readonly Placed<PolicyDocument>[]): readonly Login[] {
  const asked = policies.flatMap(({ content: { require } }) =>
    require !== undefined && 'authentication' in require ? [require.authentication] : [],
  );
  if (asked.length === 0) return [];
  const amr = [...new Set(asked.flatMap((one) => one.amr ?? []))];
  const levels = new Set(asked.flatMap((one) => one.acr ?? []));
  return [{ amr: [] }, { amr }, ...[...levels].map((acr) => ({ amr, acr }))];
}

/** Read by a person at a CRM client, who can do no more than log in again. */
export function stepUpMessage(asked: AuthenticationDocument): string {
  return `This needs a stronger login (${waysOf(asked)}). Log in again with a second factor.`;
}

/** The same for the audit trail. */
export function lackingLogin(asked: AuthenticationDocument): string {
  return `login: without ${waysOf(asked)}`;
}

function waysOf({ amr = [], acr = [] }: AuthenticationDocument): string {
  return [...amr.map((method) => `amr ${method}`), ...acr.map((level) => `acr ${level}`)].join(' or ');
}

/** A policy as it applies to a caller: with its effects on a weak login added, when the caller's login is weak. */
export function steppedUp(policy: CompiledPolicy, principal: Principal): CompiledPolicy {
  const { stepUp } = policy;
  if (stepUp === undefined || stepUp.isMet(principal)) return policy;
  const { deny, show, omits } = stepUp.otherwise;
  return {
    ...policy,
    weakLogin: stepUp.lacking,
    deny: deny ?? policy.deny,
    show: [...policy.show, ...show],
    rows: omits ? { ...NO_RECORD, because: stepUp.lacking, remedy: stepUp.remedy } : policy.rows,
  };
}

/** What the caller's login lacks, where a policy treats fields for it. */
export function weakLoginsOf({
  id,
  weakLogin,
  stepUp,
}: CompiledPolicy): NonNullable<ObjectView['weakLogins']> {
  const isTreated = stepUp !== undefined && stepUp.otherwise.show.length > 0;
  return weakLogin === undefined || !isTreated ? [] : [{ policy: id, reason: weakLogin }];
}

/** `rows: false` */
const NO_RECORD: Condition = {
  source: 'false',
  recordNames: [],
  principalNames: [],
  readsObjects: false,
  readsKind: false,
  words: [],
  memberships: undefined,
  constant: false,
  evaluate: () => false,
};

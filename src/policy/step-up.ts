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
export function stepUpMessage({ amr = [], acr = [] }: AuthenticationDocument): string {
  const ways = [...amr.map((method) => `amr ${method}`), ...acr.map((level) => `acr ${level}`)];
  return `This needs a stronger login (${ways.join(' or ')}). Log in again with a second factor.`;
}

/** A policy as it applies to a caller: with its effects on a weak login added, when the caller's login is weak. */
export function steppedUp(policy: CompiledPolicy, principal: Principal): CompiledPolicy {
  const { stepUp } = policy;
  if (stepUp === undefined || stepUp.isMet(principal)) return policy;
  const { deny, show, omits } = stepUp.otherwise;
  return {
    ...policy,
    deny: deny ?? policy.deny,
    show: [...policy.show, ...show],
    rows: omits ? NO_RECORD : policy.rows,
  };
}

/** `rows: false` */
const NO_RECORD: Condition = {
  source: 'false',
  recordNames: [],
  principalNames: [],
  readsObjects: false,
  readsKind: false,
  memberships: undefined,
  constant: false,
  evaluate: () => false,
};

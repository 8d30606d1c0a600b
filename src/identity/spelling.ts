import type { Principal } from '../model/principal.ts';

/**
 * Spells the ids of a principal and its team as the CRM's records do.
 * @param spell the one spelling of a user's id; undefined: ids have one spelling only
 */
export function spelled(principal: Principal, spell: ((id: string) => string) | undefined): Principal {
  const { crmUserId: id, team } = principal;
  if (spell === undefined || (id === undefined && team === undefined)) return principal;
  return {
    ...principal,
    ...(id === undefined ? {} : { crmUserId: spell(id) }),
    ...(team === undefined ? {} : { team: team.map(spell) }),
  };
}

/** The same, where one principal stays one object, by which decisions are remembered. */
export function createSpelling(
  spell: ((id: string) => string) | undefined,
): (principal: Principal) => Principal {
  const known = new WeakMap<Principal, Principal>();
  return (principal) => {
    const own = known.get(principal) ?? spelled(principal, spell);
    known.set(principal, own);
    return own;
  };
}

import type { Principal } from '../model/principal.ts';
import type { PolicyDocument, PrincipalMatch } from './documents.ts';

/**
 * Whether a policy is for this principal: every key of `for` matches by one of its words, and not every key of
 * `except` does. A region or level that is not known matches no word.
 *
 * A request whose purpose is not known (several are held, none was asked for) may be for any purpose held: `for` then
 * matches on each of them, `except` on none.
 */
export function isFor(who: PolicyDocument['for'], principal: Principal): boolean {
  if (who === undefined) return true;
  const { purpose } = principal;
  const known = purpose === undefined ? [] : [purpose];
  const possible = purpose === undefined ? principal.purposes : known;
  return (
    matches(who, principal, possible) && !(who.except !== undefined && matches(who.except, principal, known))
  );
}

function matches(match: PrincipalMatch, principal: Principal, purposes: readonly string[]): boolean {
  return (
    anyOf(match.roles, principal.roles) &&
    anyOf(match.purposes, purposes) &&
    anyOf(match.ids, [principal.id]) &&
    anyOf(match.regions, [principal.region]) &&
    anyOf(match.levels, [principal.level])
  );
}

function anyOf(words: readonly string[] | undefined, held: readonly (string | undefined)[]): boolean {
  return words === undefined || held.some((word) => word !== undefined && words.includes(word));
}

/** True when whoever `for` matches is matched by its `except` too: then the policy is for nobody. */
export function isForNobody(who: PolicyDocument['for']): boolean {
  const except = who?.except;
  if (who === undefined || except === undefined) return false;
  const keys = ['roles', 'purposes', 'ids', 'regions', 'levels'] as const;
  return keys.every(
    (key) => except[key] === undefined || (who[key]?.every((word) => except[key]?.includes(word)) ?? false),
  );
}

import type { Principal } from '../model/principal.ts';

/** Header in which a caller says what a request is for. Meant for Privet, so it does not travel upstream. */
export const PURPOSE_HEADER = 'x-privet-purpose';

/** Principals with a purpose, by the principal without and the purpose: one caller is one object for one purpose. */
const purposed = new WeakMap<Principal, Map<string, Principal>>();

/**
 * The principal of one request: for the purpose asked for if it is held, or for the only one held if none is asked for.
 * Asking for a purpose that is not held gives none, not the caller's usual one.
 */
export function withPurpose(principal: Principal, asked: string | readonly string[] | undefined): Principal {
  const { purposes } = principal;
  const purpose = asked === undefined && purposes.length === 1 ? purposes[0] : asked;
  if (typeof purpose !== 'string' || !purposes.includes(purpose)) return principal;
  let variants = purposed.get(principal);
  if (variants === undefined) {
    variants = new Map();
    purposed.set(principal, variants);
  }
  let variant = variants.get(purpose);
  if (variant === undefined) {
    variant = { ...principal, purpose };
    variants.set(purpose, variant);
  }
  return variant;
}

import type { Principal } from '../model/principal.ts';

/** Header in which a caller says what a request is for. Meant for Privet, so it does not travel upstream. */
export const PURPOSE_HEADER = 'x-privet-purpose';

/**
 * The purposes that a principal may act for, its own and its app's, and the default one of its requests: the only one
 * of its own, or else the only one of its app.
 */
export function heldPurposes(
  own: readonly string[],
  ofApp: readonly string[],
): Pick<Principal, 'purposes' | 'purpose'> {
  const purposes = [...new Set([...own, ...ofApp])];
  const [usual] = own.length === 1 ? own : ofApp.length === 1 ? ofApp : [];
  return usual === undefined ? { purposes } : { purposes, purpose: usual };
}

/** Principals by default principal and asked purpose, so that one caller is one object for one purpose. */
const purposed = new WeakMap<Principal, Map<string | undefined, Principal>>();

/**
 * The principal of one request: for the purpose asked for if it is held, or for the default one if none is asked for.
 * Asking for a purpose that is not held gives none, not the default one.
 */
export function withPurpose(principal: Principal, asked: string | readonly string[] | undefined): Principal {
  if (asked === undefined || asked === principal.purpose) return principal;
  const purpose = typeof asked === 'string' && principal.purposes.includes(asked) ? asked : undefined;
  let variants = purposed.get(principal);
  if (variants === undefined) {
    variants = new Map();
    purposed.set(principal, variants);
  }
  let variant = variants.get(purpose);
  if (variant === undefined) {
    const { purpose: _, ...others } = principal;
    variant = purpose === undefined ? others : { ...others, purpose };
    variants.set(purpose, variant);
  }
  return variant;
}

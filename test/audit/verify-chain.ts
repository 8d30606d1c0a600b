import type { Anchor } from '../../src/audit/chain-state.ts';
import { chainVerifier, type InstanceReport } from '../../src/audit/verify.ts';

/** Checks events in the order in which they were written. `anchor` vouches for those removed before them. */
export function verifyChain(
  texts: Iterable<string>,
  anchor?: Anchor & { readonly instance: string },
): readonly InstanceReport[] {
  const verifier = chainVerifier();
  if (anchor !== undefined) verifier.anchor(anchor.instance, anchor);
  for (const text of texts) verifier.add(text);
  return verifier.report();
}

import type { Denial } from '../model/decision.ts';

/** Whether a purpose that a policy names covers the purpose of a request: itself, or one that stands above it. */
export function coversPurpose(named: string, purpose: string): boolean {
  return purpose === named || purpose.startsWith(`${named}.`);
}

/** Said where a policy is bound to a purpose and the request has none. `purposes`: those the caller may act for. */
export function purposeDenial(policy: string, purposes: readonly string[]): Denial {
  const how =
    purposes.length === 0
      ? 'You act for none: ask for one with your role or your app.'
      : `Say which in the header x-privet-purpose: ${purposes.join(', ')}.`;
  return { policy, message: `This needs a purpose, and the request has none. ${how}` };
}

import type { Denial } from '../model/decision.ts';

/** Whether a purpose named by a policy covers the purpose of a request: it is the same, or stands above it. */
export function coversPurpose(named: string, purpose: string): boolean {
  return purpose === named || purpose.startsWith(`${named}.`);
}

/**
 * The denial of a policy that is bound to a purpose, when the request has none. @param purposes those the caller may
 * act for
 */
export function purposeDenial(policy: string, purposes: readonly string[]): Denial {
  const how =
    purposes.length === 0
      ? 'You act for none: ask for one with your role or your app.'
      : `Say which in the header x-privet-purpose: ${purposes.join(', ')}.`;
  return { policy, message: `This needs a purpose, and the request has none. ${how}` };
}

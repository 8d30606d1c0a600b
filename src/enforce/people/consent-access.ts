import type { ConsentRegistry } from '../../consent/registry.ts';
import { PrivetError } from '../../errors.ts';
import type { Standing } from '../../model/consent.ts';
import type { DataSubjectKeys } from '../../model/data-subject.ts';

/** What enforcement asks of the registry. */
export type ConsentAccess = Pick<ConsentRegistry, 'standings'>;

/**
 * The registry for obligations: every failure in it or in its store is CONSENT_UNAVAILABLE, and so is a missing
 * registry.
 */
export function guardConsent(registry: ConsentAccess | undefined): ConsentAccess {
  return {
    standings: async (people) => {
      const found = registry === undefined ? undefined : await attempt(registry, people);
      if (found?.length !== people.length) throw new PrivetError('CONSENT_UNAVAILABLE');
      return found;
    },
  };
}

async function attempt(
  registry: ConsentAccess,
  people: readonly DataSubjectKeys[],
): Promise<readonly Standing[]> {
  try {
    return await registry.standings(people);
  } catch (error) {
    throw error instanceof PrivetError
      ? error
      : new PrivetError('CONSENT_UNAVAILABLE', undefined, { cause: error });
  }
}

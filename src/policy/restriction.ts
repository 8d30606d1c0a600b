import type { RowRule } from '../model/decision.ts';
import type { Principal } from '../model/principal.ts';
import type { MappedObject } from './data-map.ts';
import { personNeeds } from './requirement.ts';

/** Stands where a policy's id would, for the configuration's section. */
export const RESTRICTION = 'restriction';

/** Who may see people whose processing is restricted (GDPR Art. 18); the `restriction` section of the configuration. */
export interface Restriction {
  /** Roles. */
  readonly visibleTo: readonly string[];
}

/** Whether restricted people are hidden from this principal. */
export function isHiddenFrom({ visibleTo }: Restriction, { roles }: Principal): boolean {
  return !visibleTo.some((role) => roles.includes(role));
}

/** Leaves out the records of people whose processing is restricted, and those of which that cannot be told. */
export function restrictionRule(object: MappedObject): RowRule {
  return {
    policy: RESTRICTION,
    needs: personNeeds(object),
    holds: (_, standing) => standing?.restricted === false,
    restricts: true,
  };
}

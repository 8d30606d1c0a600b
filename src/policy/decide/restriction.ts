import type { RowRule } from '../../model/decision.ts';
import type { Principal } from '../../model/principal.ts';
import type { Restriction } from '../config.ts';
import type { MappedObject } from '../data-map.ts';
import { personNeeds } from './requirement.ts';

/** Stands where a policy's id would, for the configuration's section. */
export const RESTRICTION = 'restriction';

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

import type { Principal } from '../model/principal.ts';
import type { Declared } from './declared.ts';

/** A principal as policies see it: with the roles and levels that its own include. */
export interface Caller extends Principal {
  /** The principal's level and those below it. */
  readonly levels: readonly string[];
  /** Where what it is shown gets to. Where that is more than one region, conditions know of none. */
  readonly regions: readonly string[];
}

/**
 * Adds the roles that the principal's roles include and the levels below its own. An undeclared role includes nothing
 * else. An undeclared level counts as none where levels are declared.
 */
export function callerOf(principal: Principal, { roles, levels }: Declared): Caller {
  const held = principal.roles.flatMap((role) => roles?.get(role) ?? [role]);
  const { region, appRegion, ...others } = principal;
  const regions = [region, appRegion].filter((one) => one !== undefined);
  return {
    ...others,
    ...(region === undefined || appRegion !== undefined ? {} : { region }),
    roles: [...new Set(held)],
    levels: levelsUpTo(principal.level, levels),
    regions,
  };
}

/** A level and those below it. */
function levelsUpTo(level: string | undefined, declared: readonly string[] | undefined): readonly string[] {
  if (level === undefined) return [];
  return declared === undefined ? [level] : declared.slice(0, declared.indexOf(level) + 1);
}

import type { View } from '../../model/decision.ts';
import type { ConsentFlag, Requirement } from '../../model/requirement.ts';
import { saidIn } from '../../policy/decide/requirement.ts';
import type { PeopleTools } from '../current/found-people.ts';

/** What is written to a field that decides whether a requirement is met, as the data map spells it. */
export interface Claim {
  readonly field: string;
  readonly text: string;
}

/** What a text that is written to a field claims; nothing where it does not decide, or says no. */
export type ReadClaim = (name: string, text: string) => readonly Claim[];

/**
 * What whoever writes to an object is bound by: what is required of its records, and, where something is required of
 * others alone, the object's own field for the same purpose. What that says of a person counts for all that is about
 * them.
 */
export function requirementsOn(view: View, object: string): readonly Requirement[] {
  const { requirements: own = [], consents = [] } = view.of(object);
  const elsewhere = (view.of('*').requirements ?? []).filter(({ purpose }) =>
    own.every((requirement) => requirement.purpose !== purpose),
  );
  const shared = elsewhere.flatMap((requirement) => {
    const flag = consents.find(({ purpose }) => purpose === requirement.purpose)?.flag;
    return flag === undefined ? [] : [onFlagAlone(requirement, flag)];
  });
  return [...own, ...shared];
}

function onFlagAlone(requirement: Requirement, flag: ConsentFlag): Requirement {
  const reads = [flag.field];
  const unmet: Requirement['unmet'] = (facts) => (saidIn(flag, facts) === 'yes' ? undefined : 'refused');
  return { ...requirement, flag, reads, needs: reads, unmet };
}

export function claimReader(
  requirements: readonly Requirement[],
  { adapter, naming }: Pick<PeopleTools, 'adapter' | 'naming'>,
): ReadClaim {
  const fold = (name: string): string => (adapter.namesIgnoreCase ? name.toLowerCase() : name);
  const flags = requirements.flatMap(({ flag }) => flag ?? []);
  const needs = requirements.flatMap((requirement) => requirement.needs);
  const deciding = new Map(
    needs
      .filter((field) => !naming.isOwnId(field))
      .map((field) => [fold(field), { field, flags: flags.filter((flag) => flag.field === field) }]),
  );
  return (name, text) => {
    const own = deciding.get(fold(name));
    if (own === undefined) return [];
    const isRefusal = own.flags.length > 0 && own.flags.every((flag) => meansNo(flag, text));
    return isRefusal ? [] : [{ field: own.field, text }];
  };
}

/**
 * Whether a text means no, however the CRM reads it: it takes `0` for false, `1.0` for 1 and may leave blanks and case
 * out.
 */
function meansNo({ granted, isBoolean }: ConsentFlag, text: string): boolean {
  const written = text.trim().toLowerCase();
  const yes = granted.trim().toLowerCase();
  if (isBoolean) return written === String(yes !== 'true');
  const isNumber = yes !== '' && Number.isFinite(Number(yes));
  return written !== '' && written !== yes && !(isNumber && Number(written) === Number(yes));
}

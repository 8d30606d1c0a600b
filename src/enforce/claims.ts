import type { ObjectView } from '../model/decision.ts';
import type { ConsentFlag } from '../model/requirement.ts';
import type { PeopleTools } from './found-people.ts';

/** What is written to a field that decides whether a requirement is met, as the data map spells it. */
export interface Claim {
  readonly field: string;
  readonly text: string;
}

/** What a text that is written to a field claims; nothing where it does not decide, or says no. */
export type ReadClaim = (name: string, text: string) => readonly Claim[];

export function claimReader(
  { requirements = [] }: ObjectView,
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

/** Whether a text means no, however the CRM reads it: it takes `0` for false, `1.0` for 1 and may leave blanks and case out. */
function meansNo({ granted, isBoolean }: ConsentFlag, text: string): boolean {
  const written = text.trim().toLowerCase();
  const yes = granted.trim().toLowerCase();
  if (isBoolean) return written === String(yes !== 'true');
  const isNumber = yes !== '' && Number.isFinite(Number(yes));
  return written !== '' && written !== yes && !(isNumber && Number(written) === Number(yes));
}

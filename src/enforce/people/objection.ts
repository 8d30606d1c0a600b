import type { Standing } from '../../model/consent.ts';

/** Stands where a policy's id would, for refusals that need no policy (GDPR Art. 21(3)). */
export const OBJECTION = 'objection';
/** An objection to any marketing counts for this purpose, too. */
export const MARKETING = 'marketing';

/** @param standing undefined: it cannot be told whose, so nobody can say that they have not */
export function hasObjected(standing: Standing | undefined, purpose: string): boolean {
  return standing === undefined || standing.consent(purpose).state === 'objected';
}

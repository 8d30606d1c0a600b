import type { Standing } from '../../model/consent.ts';
import type { Denial, RowRule } from '../../model/decision.ts';
import type { RecordFacts } from '../../model/record-facts.ts';
import type { ConsentGap, Requirement } from '../../model/requirement.ts';
import type { SpentBy } from '../limits/reading-limits.ts';
import type { OmittedRecord } from '../record/tally.ts';

/** A judged record, as far as it was read. */
export interface Judged {
  readonly facts: RecordFacts;
  readonly standing: Standing | undefined;
}

const GAPS: Readonly<Record<ConsentGap, string>> = {
  withdrawn: 'withdrawn',
  objected: 'objected',
  unknown: 'unknown',
  refused: 'refused in the CRM',
  untold: 'cannot be told',
};

/** Why a requirement is not met, such as `marketing.email: withdrawn`. One of a few texts that hold no values. */
export function gapReason({ purpose }: Requirement, gap: ConsentGap): string {
  return `${purpose}: ${GAPS[gap]}`;
}

/** Why a rule leaves a record out. One of a few texts, which name fields and hold no value of a record. */
export function omissionReason({ requires, because, needs }: RowRule, { facts, standing }: Judged): string {
  const gap = requires?.unmet(facts, standing);
  if (requires !== undefined && gap !== undefined) return gapReason(requires, gap);
  if (because === undefined)
    return standing === undefined ? 'restriction: cannot be told' : 'processing restricted';
  const untold = needs.filter((field) => facts(field) === undefined);
  return untold.length === 0 ? because : `${because} (not told: ${untold.join(', ')})`;
}

/** The denial of an answer that is a single record, when it may not be shown. */
export function withheld({ policy, requires, restricts, remedy }: RowRule): Denial {
  if (requires !== undefined) {
    return { policy, message: `This record may not be shown to you without consent to ${requires.purpose}.` };
  }
  const message =
    restricts === true
      ? 'This record may not be shown to you: its processing is restricted.'
      : 'This record may not be shown to you.';
  return { policy, message: remedy === undefined ? message : `${message} ${remedy}` };
}

/** The denial of an answer that holds records without the required consent. */
export function refusedAnswer({ policy, purpose }: Requirement): Denial {
  return { policy, message: `Not everybody in this answer is known to have agreed to ${purpose}.` };
}

/** A record of a write that may not be shown because its reader's budget is used up. */
export function beyondLimit(object: string, { policy, reason }: SpentBy): OmittedRecord {
  const message = 'This record may not be shown to you.';
  return { object, policy, reason, denial: { policy, message } };
}

import type { Clock } from '../../clock.ts';
import type { ConsentFeed, SaidLately } from '../../consent/feed.ts';
import type { Observation, Seen } from '../../consent/observe.ts';
import type { DataSubjectKeys } from '../../model/data-subject.ts';
import type { ObjectView } from '../../model/decision.ts';
import type { RecordFacts } from '../../model/record-facts.ts';
import { saidIn } from '../../policy/decide/requirement.ts';
import { isUntold, type ToldPerson } from '../people/told-person.ts';

/**
 * What passing records and requests show of consent: the values of the CRM's own fields, and withdrawals made in other
 * ways.
 */
export interface Observations {
  readonly withdraw: (who: DataSubjectKeys, purpose: string, source: string) => void;
  readonly note: (view: ObjectView, facts: RecordFacts, who: ToldPerson) => void;
  /** Passes on what was noted about people who can be told by now; never waits. */
  readonly flush: () => void;
}

interface Noted extends Omit<Observation, 'who'> {
  readonly who: ToldPerson;
}

export function createObservations(feed: ConsentFeed, clock: Clock): Observations {
  let seen: Seen[] = [];
  let noted: Noted[] = [];
  let isOld: SaidLately | undefined;
  return {
    withdraw: (who, purpose, source) =>
      void seen.push({ who, purpose, state: 'withdrawn', at: clock(), source }),
    note: ({ consents = [] }, facts, who) => {
      for (const { purpose, flag } of consents) {
        const said = saidIn(flag, facts);
        if (said !== 'yes' && said !== 'no') continue;
        const granted = said === 'yes';
        isOld ??= feed.lately();
        // After something new in the same window, a later value may be a change, too.
        const isKnown = noted.length === 0 && who.record !== undefined && isOld(who.record, purpose, granted);
        if (!isKnown) noted.push({ who, purpose, granted, at: clock() });
      }
    },
    flush: () => {
      for (const one of noted) if (isOfRecord(one)) seen.push(one);
      noted = [];
      isOld = undefined;
      if (seen.length === 0) return;
      feed.observe(seen);
      seen = [];
    },
  };
}

/** The person that a record tells, when it leaves nothing about them open. */
function isOfRecord(noted: Noted): noted is Noted & Observation {
  return noted.who.record !== undefined && !isUntold(noted.who);
}

import type { Clock } from '../../clock.ts';
import type { ConsentFeed, SaidLately } from '../../consent/feed.ts';
import type { Observation, Seen } from '../../consent/observe.ts';
import type { DataSubjectKeys } from '../../model/data-subject.ts';
import type { ObjectView } from '../../model/decision.ts';
import type { RecordFacts } from '../../model/record-facts.ts';
import { type Said, saidIn } from '../../policy/decide/requirement.ts';
import type { Heard, Told } from '../people/told-people.ts';
import { isUntold, type ToldPerson } from '../people/told-person.ts';

/**
 * What passing records and requests show of consent: the values of the CRM's own fields, and withdrawals made in other
 * ways.
 */
export interface Observations {
  readonly withdraw: (who: DataSubjectKeys, purpose: string, source: string) => void;
  /** @param told whose record it is; remembers what was nothing new */
  readonly note: (view: ObjectView, facts: RecordFacts, told: Pick<Told, 'who' | 'heard'>) => void;
  /** Passes on what was noted about people who can be told by now; never waits. */
  readonly flush: () => void;
}

interface Noted extends Omit<Observation, 'who'> {
  readonly who: ToldPerson;
}

export function createObservations(feed: ConsentFeed, clock: Clock): Observations {
  let seen: Seen[] = [];
  let noted: Noted[] = [];
  let lately: SaidLately | undefined;
  return {
    withdraw: (who, purpose, source) =>
      void seen.push({ who, purpose, state: 'withdrawn', at: clock(), source }),
    note: ({ consents }, facts, told) => {
      if (consents === undefined) return;
      lately ??= feed.lately();
      const { who, heard } = told;
      const said = saidInAll(consents, facts);
      const version = lately.version();
      // After something new in the same window, a later value may be a change, too.
      if (noted.length === 0 && isSame(heard, consents, said, version)) return;
      for (const { purpose, flag } of consents) {
        const one = saidIn(flag, facts);
        if (one !== 'yes' && one !== 'no') continue;
        const granted = one === 'yes';
        const isKnown =
          noted.length === 0 && who.record !== undefined && lately.has(who.record, purpose, granted);
        if (!isKnown) noted.push({ who, purpose, granted, at: clock() });
      }
      if (noted.length === 0) told.heard = { consents, said, version };
    },
    flush: () => {
      for (const one of noted) if (isOfRecord(one)) seen.push(one);
      noted = [];
      lately = undefined;
      if (seen.length === 0) return;
      feed.observe(seen);
      seen = [];
    },
  };
}

type Consents = NonNullable<ObjectView['consents']>;

function isSame(heard: Heard | undefined, consents: Consents, said: number, version: number): boolean {
  return heard?.version === version && heard.said === said && heard.consents === consents;
}

const DIGITS: Readonly<Record<Said, number>> = { nothing: 0, untold: 0, no: 1, yes: 2 };
/** So many digits are exact in a number. */
const FIELDS_MAX = 30;

/** What all fields say, as a number with a digit for each; NaN, which equals nothing, where they are too many. */
function saidInAll(consents: Consents, facts: RecordFacts): number {
  if (consents.length > FIELDS_MAX) return Number.NaN;
  let all = 0;
  for (const { flag } of consents) all = all * 3 + DIGITS[saidIn(flag, facts)];
  return all;
}

/** The person that a record tells, when it leaves nothing about them open. */
function isOfRecord(noted: Noted): noted is Noted & Observation {
  return noted.who.record !== undefined && !isUntold(noted.who);
}

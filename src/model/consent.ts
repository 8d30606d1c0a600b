import type { DataSubjectKeys } from './data-subject.ts';

/** What a data subject has said about a purpose. `unknown`: nothing is on record, or nothing that is still valid. */
export type ConsentState = 'granted' | 'withdrawn' | 'objected' | 'unknown';

/** Where a data subject stands with one purpose, and since when. */
export interface Consent {
  readonly state: ConsentState;
  /** Milliseconds since the epoch; absent for `unknown`. */
  readonly at?: number;
  /** Who said so: `import`, `api`, `unsubscribe`, `crm`. */
  readonly source?: string;
}

/** Where a data subject stands with all purposes. */
export interface Standing {
  /** Processing is restricted (GDPR Art. 18). */
  readonly restricted: boolean;
  /** An objection (Art. 21) to any marketing takes the person out of all marketing, whatever else was granted. */
  readonly consent: (purpose: string) => Consent;
}

/** The standing of people about whom nothing is on record. */
export const NOTHING_ON_RECORD: Standing = { restricted: false, consent: () => ({ state: 'unknown' }) };

/** One statement at one time. Appended to a history and never changed. */
export interface ConsentEvent {
  readonly who: DataSubjectKeys;
  /** Undefined: all purposes (restrictions, and objections to everything). */
  readonly purpose?: string;
  readonly state:
    | 'granted'
    | 'withdrawn'
    | 'objected'
    | 'restricted'
    | 'objection-ended'
    | 'restriction-ended';
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly source: string;
  /** Lawful basis (GDPR Art. 6), in words. */
  readonly basis?: string;
  /** Milliseconds since the epoch, when it ends by itself. */
  readonly until?: number;
}

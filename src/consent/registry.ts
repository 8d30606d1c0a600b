/** Policy information point: what data subjects have said about the use of their data. */
import type { ConsentEvent, Standing } from '../model/consent.ts';
import type { DataSubjectKeys } from '../model/data-subject.ts';

/**
 * What became of an event. `known`: it was on record already. `apart`: too many identifiers would have become one
 * person (`limits.consentIdentifiersMax`), so it is kept for each of those it names by itself. Not kept at all:
 * `nobody` is named by anything that can be read; `crowded`: as for `apart`, of an event that takes nothing away;
 * `full`: the history has no room (`limits.consentEventsMax`) for what takes nothing further away.
 */
export type AppendOutcome = 'appended' | 'known' | 'apart' | 'nobody' | 'crowded' | 'full';

export interface Appended {
  /** How many events are on record now that were not before. */
  readonly appended: number;
  /** For each event. */
  readonly outcomes: readonly AppendOutcome[];
}

/** Safe to be used at the same time by any number of instances over one store. */
export interface ConsentRegistry {
  /**
   * Where each of these people stands now. Two round trips to the store at most, whatever their number.
   * @throws PrivetError CONSENT_UNAVAILABLE
   */
  readonly standings: (people: readonly DataSubjectKeys[]) => Promise<readonly Standing[]>;
  /**
   * Appends to their histories; durable when it resolves. What is on record already is not appended again.
   * @throws PrivetError CONSENT_UNAVAILABLE
   */
  readonly append: (events: readonly ConsentEvent[]) => Promise<Appended>;
  /** In order of time. @throws PrivetError CONSENT_UNAVAILABLE */
  readonly history: (who: DataSubjectKeys) => Promise<readonly Omit<ConsentEvent, 'who'>[]>;
  /**
   * False while nobody is restricted, as of at most a second ago: then nobody has to be looked up. True when it is not
   * known.
   */
  readonly anyRestricted: () => boolean;
}

/** Policy information point: what data subjects have said about the use of their data. */
import type { ConsentEvent, Standing } from '../model/consent.ts';
import type { DataSubjectKeys } from '../model/data-subject.ts';

/** Safe to be used at the same time by any number of instances over one store. */
export interface ConsentRegistry {
  /**
   * Where each of these people stands now. A constant number of round trips to the store, whatever their number.
   * @throws PrivetError CONSENT_UNAVAILABLE
   */
  readonly standings: (people: readonly DataSubjectKeys[]) => Promise<readonly Standing[]>;
  /** Appends to their histories; durable when it resolves. What is on record already is not appended again. @throws PrivetError CONSENT_UNAVAILABLE */
  readonly append: (events: readonly ConsentEvent[]) => Promise<{ readonly appended: number }>;
  /** In order of time. @throws PrivetError CONSENT_UNAVAILABLE */
  readonly history: (who: DataSubjectKeys) => Promise<readonly Omit<ConsentEvent, 'who'>[]>;
  /** False while nobody is restricted, as of at most a second ago: then there is nobody to look for. True when it is not known. */
  readonly anyRestricted: () => boolean;
}

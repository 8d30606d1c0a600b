import type { Clock } from '../clock.ts';
import { PrivetError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { ConsentEvent } from '../model/consent.ts';
import type { DataSubjectKeys } from '../model/data-subject.ts';
import type { Store } from '../store/store.ts';
import { append } from './append.ts';
import type { ConsentContext } from './context.ts';
import { type ErasedHistory, eraseHistory } from './erase.ts';
import { gathered } from './gathered.ts';
import { history, standings } from './look-up.ts';
import { type Seen, transitionsIn } from './observe.ts';
import { createIdentify, type Identifier, type IdentifierKeys } from './person/identifier.ts';
import { createKnownPeople } from './person/known-people.ts';
import type { Appended, AppendOutcome, ConsentRegistry } from './registry.ts';
import { watchRestrictions } from './restrictions.ts';

export interface ConsentRegistryOptions {
  readonly store: Store;
  /** Other instances write to the same store. */
  readonly isShared: boolean;
  readonly keys: IdentifierKeys;
  readonly phoneRegion?: string;
  readonly clock: Clock;
  readonly limits: ConsentContext['limits'] & Pick<Limits, 'keyedHashCacheMax' | 'consentPeopleCacheMax'>;
}

/** A registry that is in use. */
export interface OpenConsentRegistry extends ConsentRegistry {
  /** Appends what is new in what was seen in CRMs. @throws PrivetError CONSENT_UNAVAILABLE */
  readonly observe: (seen: readonly Seen[]) => Promise<Appended>;
  /** Erases a person's history; see `eraseHistory`. @throws PrivetError CONSENT_UNAVAILABLE */
  readonly erase: (who: DataSubjectKeys, options: { readonly all: boolean }) => Promise<ErasedHistory>;
  /** The keyed HMACs by which these people stand in the audit trail. */
  readonly pseudonyms: (who: DataSubjectKeys) => readonly Identifier[];
  /** False while the store cannot be read, as far as is known. */
  readonly isAvailable: () => boolean;
  /** Leaves the store open. */
  readonly close: () => void;
}

const NOTHING_APPENDED: Appended = { appended: 0, outcomes: [] };

export async function openConsentRegistry({
  isShared,
  keys,
  phoneRegion,
  ...options
}: ConsentRegistryOptions): Promise<OpenConsentRegistry> {
  const { store, clock, limits } = options;
  const cacheMax = limits.keyedHashCacheMax;
  const identify = createIdentify({ keys, cacheMax, ...(phoneRegion === undefined ? {} : { phoneRegion }) });
  const context: ConsentContext = { store, identify, clock, limits };
  const people = createKnownPeople(limits.consentPeopleCacheMax, isShared);
  const reading = { ...context, people };
  const restrictions = await watchRestrictions(store, clock, isShared);
  const gather = gathered(async (events: readonly ConsentEvent[]) => {
    let restricts = true;
    try {
      const result = await append(context, events);
      ({ restricts } = result);
      return result.outcomes;
    } finally {
      people.forget();
      // Restrictions take effect here before they are acknowledged; after a failure some may have been written.
      if (restricts) await restrictions.look();
    }
  });
  const appendAll = async (events: readonly ConsentEvent[]): Promise<Appended> => {
    const outcomes = await gather(events);
    const isNew = (outcome: AppendOutcome): boolean => outcome === 'appended' || outcome === 'apart';
    return { appended: outcomes.filter(isNew).length, outcomes };
  };
  return {
    standings: (whom) => available(() => standings(reading, whom)),
    append: (events) => available(() => appendAll(events)),
    observe: (seen) =>
      available(async () => {
        const events = await transitionsIn(context, seen);
        // Mostly nothing is new, and what is known of people stays so.
        return events.length === 0 ? NOTHING_APPENDED : appendAll(events);
      }),
    history: (who) => available(() => history(context, who)),
    erase: (who, options) =>
      available(async () => {
        try {
          return await eraseHistory(context, who, options);
        } finally {
          people.forget();
          await restrictions.look();
        }
      }),
    anyRestricted: restrictions.any,
    pseudonyms: identify,
    isAvailable: restrictions.isKnown,
    close: restrictions.close,
  };
}

/** Turns every failure into CONSENT_UNAVAILABLE, so that what needs the registry does not pass. */
async function available<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    throw cause instanceof PrivetError ? cause : new PrivetError('CONSENT_UNAVAILABLE', undefined, { cause });
  }
}

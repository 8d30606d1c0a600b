import type { Clock } from '../clock.ts';
import { PrivetError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { ConsentEvent, Standing } from '../model/consent.ts';
import type { DataSubjectKeys } from '../model/data-subject.ts';
import type { Store } from '../store/store.ts';
import { append } from './append.ts';
import type { ConsentContext } from './context.ts';
import { readStatement, type Statement } from './event.ts';
import { gathered } from './gathered.ts';
import { createIdentify, type Identifier, type IdentifierKeys } from './identifier.ts';
import { decodePerson, type Person } from './person.ts';
import { eventsOf, personKey } from './places.ts';
import type { AppendOutcome, ConsentRegistry } from './registry.ts';
import { watchRestrictions } from './restrictions.ts';
import { joined } from './said.ts';
import { standingOf } from './standing.ts';

export interface ConsentRegistryOptions {
  readonly store: Store;
  /** Other instances write to the same store. */
  readonly isShared: boolean;
  readonly keys: IdentifierKeys;
  readonly phoneRegion?: string;
  readonly clock: Clock;
  readonly limits: ConsentContext['limits'] & Pick<Limits, 'keyedHashCacheMax'>;
}

/** A registry that is in use. */
export interface OpenConsentRegistry extends ConsentRegistry {
  /** False while the store cannot be read, as far as is known. */
  readonly isAvailable: () => boolean;
  /** Leaves the store open. */
  readonly close: () => void;
}

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
  const restrictions = await watchRestrictions(store, clock, isShared);
  const gather = gathered(async (events: readonly ConsentEvent[]) => {
    let restricts = true;
    try {
      const result = await append(context, events);
      ({ restricts } = result);
      return result.outcomes;
    } finally {
      // Known here before it is acknowledged; after a failure some of it may have been written.
      if (restricts) await restrictions.look();
    }
  });
  return {
    standings: (people) => available(() => standings(context, people)),
    append: (events) =>
      available(async () => {
        const outcomes = await gather(events);
        const isNew = (outcome: AppendOutcome): boolean => outcome === 'appended' || outcome === 'apart';
        return { appended: outcomes.filter(isNew).length, outcomes };
      }),
    history: (who) => available(() => history(context, who)),
    anyRestricted: restrictions.any,
    isAvailable: restrictions.isKnown,
    close: restrictions.close,
  };
}

/** Whatever fails is the registry's failure: what needed it does not pass. */
async function available<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    throw cause instanceof PrivetError ? cause : new PrivetError('CONSENT_UNAVAILABLE', undefined, { cause });
  }
}

/** One round trip: every identifier leads to all that is known of its person. */
async function standings(
  { store, identify, clock }: ConsentContext,
  people: readonly DataSubjectKeys[],
): Promise<readonly Standing[]> {
  const identified = people.map(identify);
  const identifiers = [...new Set(identified.flat())];
  const values = identifiers.length === 0 ? [] : await store.getMany(identifiers.map(personKey));
  const documents = new Map(identifiers.map((identifier, index) => [identifier, values[index]]));
  const read = new Map<Identifier, Person>();
  const personOf = (identifier: Identifier): Person | undefined => {
    const value = documents.get(identifier);
    const before = read.get(identifier);
    if (value === undefined || before !== undefined) return before;
    const person = decodePerson(value);
    // The document is the same under all of them.
    for (const other of person.identifiers) if (documents.has(other)) read.set(other, person);
    return person;
  };
  const now = clock();
  return identified.map((own) => {
    const found = new Set(own.flatMap((identifier) => personOf(identifier) ?? []));
    return standingOf(joined([...found].map(({ words }) => words)), now);
  });
}

const HISTORY_PAGE = 1_000;

async function history(
  { store, identify }: ConsentContext,
  who: DataSubjectKeys,
): Promise<readonly Statement[]> {
  const own = identify(who);
  const values = own.length === 0 ? [] : await store.getMany(own.map(personKey));
  const people = values.flatMap((value) => (value === undefined ? [] : [decodePerson(value)]));
  const statements: Statement[] = [];
  for (const identifier of new Set(people.flatMap(({ identifiers }) => identifiers))) {
    let { from, to } = eventsOf(identifier);
    for (;;) {
      const entries = await store.page({ from, to }, HISTORY_PAGE);
      statements.push(...entries.map(({ value }) => readStatement(value)));
      const last = entries.at(-1);
      if (last === undefined || entries.length < HISTORY_PAGE) break;
      // `!` is the smallest character of a key, so this is the smallest key after the last.
      from = `${last.key}!`;
    }
  }
  return statements.toSorted((a, b) => a.at - b.at);
}

import type { DataSubjectKeys } from '../model/data-subject.ts';
import type { Identifier } from './identifier.ts';
import type { Person } from './person.ts';
import type { LastWords } from './said.ts';

/** People by what they are known by; undefined for identifiers that are nobody's. */
export type PeopleByIdentifier = Map<Identifier, Person | undefined>;

/** People who were read lately. */
export interface KnownPeople {
  /** To be read from and added to within one look-up. */
  readonly current: () => PeopleRead;
  /** To be called after every write: look-ups that are under way then add to what nobody looks at any more. */
  readonly forget: () => void;
}

export interface PeopleRead {
  readonly byIdentifier: PeopleByIdentifier;
  /** What was found of somebody who was known by the very same; undefined: nobody has looked. */
  readonly wordsOn: (who: DataSubjectKeys) => LastWords | undefined;
  readonly remember: (who: DataSubjectKeys, words: LastWords) => void;
}

/**
 * Pages repeat their people, and in a store that nobody else writes to they stay as they were read.
 * @param sizeMax identifiers remembered, and names of records
 */
export function createKnownPeople(sizeMax: number): KnownPeople {
  let people = nobodyRead();
  const forget = (): void => {
    people = nobodyRead();
  };
  return {
    current: () => {
      if (people.byIdentifier.size >= sizeMax || people.records() >= sizeMax) forget();
      return people;
    },
    forget,
  };
}

function nobodyRead(): PeopleRead & { readonly records: () => number } {
  const byRecord = new Map<string, { readonly who: DataSubjectKeys; readonly words: LastWords }>();
  return {
    byIdentifier: new Map(),
    records: () => byRecord.size,
    wordsOn: ({ record, email, phone }) => {
      const found = record === undefined ? undefined : byRecord.get(record);
      return found?.who.email === email && found?.who.phone === phone ? found?.words : undefined;
    },
    remember: (who, words) => {
      if (who.record !== undefined) byRecord.set(who.record, { who, words });
    },
  };
}

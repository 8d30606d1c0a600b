import type { Identifier } from './identifier.ts';
import type { Person } from './person.ts';

/** People by what they are known by; undefined for identifiers that are nobody's. */
export type PeopleByIdentifier = Map<Identifier, Person | undefined>;

/** People who were read lately. */
export interface KnownPeople {
  /** To be read from and added to within one look-up. */
  readonly current: () => PeopleByIdentifier;
  /** To be called after every write: look-ups that are under way then add to what nobody looks at any more. */
  readonly forget: () => void;
}

/**
 * Pages repeat their people, and in a store that nobody else writes to they stay as they were read.
 * @param sizeMax identifiers remembered; 0 where others write to the store too
 */
export function createKnownPeople(sizeMax: number): KnownPeople {
  let people: PeopleByIdentifier = new Map();
  const forget = (): void => {
    people = new Map();
  };
  return {
    current: () => {
      if (people.size >= sizeMax) forget();
      return people;
    },
    forget,
  };
}

import type { DataSubjectKeys } from '../model/data-subject.ts';
import type { Key } from '../store/store.ts';
import type { Identifier } from './identifier.ts';
import type { Person } from './person.ts';
import type { Standings } from './standing.ts';

/** People by what they are known by; undefined for identifiers that are nobody's. */
export type PeopleByIdentifier = Map<Identifier, Person | undefined>;

/** What was found of somebody. */
export interface Recalled {
  readonly who: DataSubjectKeys;
  readonly standings: Standings;
  /** All that it was read from, one after the other; in a store that nobody else writes to: nothing. */
  readonly documents: readonly PersonDocument[];
}

/** What is stored about one person, as bytes; undefined where nobody is known by the identifier. */
export interface PersonDocument {
  readonly identifier: Identifier;
  /** Where it stands. */
  readonly key: Key;
  readonly bytes: Uint8Array | undefined;
}

/** People who were read lately. */
export interface KnownPeople {
  /** Others write to the store as well: what is recalled holds as long as its documents are found to be the same. */
  readonly isShared: boolean;
  /** To be read from and added to within one look-up. */
  readonly current: () => PeopleRead;
  /** To be called after every write: look-ups that are under way then add to what nobody looks at any more. */
  readonly forget: () => void;
}

export interface PeopleRead {
  /** In a store that others write to: nobody. */
  readonly byIdentifier: PeopleByIdentifier;
  /** What was found of somebody who was known by the very same; undefined: nobody has looked. */
  readonly recall: (who: DataSubjectKeys) => Recalled | undefined;
  readonly remember: (found: Recalled) => void;
}

/**
 * Pages repeat their people. In a store that nobody else writes to they stay as they were read; in another they are read again, but mostly
 * need not be taken apart again.
 * @param sizeMax identifiers remembered, and names of records
 */
export function createKnownPeople(sizeMax: number, isShared: boolean): KnownPeople {
  let people = nobodyRead(isShared);
  const forget = (): void => {
    people = nobodyRead(isShared);
  };
  return {
    isShared,
    current: () => {
      if (people.byIdentifier.size >= sizeMax || people.records() >= sizeMax) forget();
      return people;
    },
    forget,
  };
}

function nobodyRead(isShared: boolean): PeopleRead & { readonly records: () => number } {
  const byRecord = new Map<string, Recalled>();
  const byIdentifier: PeopleByIdentifier = new Map();
  return {
    get byIdentifier() {
      return isShared ? new Map<Identifier, Person | undefined>() : byIdentifier;
    },
    records: () => byRecord.size,
    recall: ({ record, email, phone, also }) => {
      const found = record === undefined ? undefined : byRecord.get(record);
      const isSame = found?.who.email === email && found?.who.phone === phone;
      return isSame && isAlike(found?.who.also, also) ? found : undefined;
    },
    remember: (found) => {
      const { record } = found.who;
      if (record !== undefined && (!isShared || found.documents.length > 0)) byRecord.set(record, found);
    },
  };
}

function isAlike(one: DataSubjectKeys['also'], other: DataSubjectKeys['also']): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

import type { DataSubjectKeys } from '../../model/data-subject.ts';
import type { Key } from '../../store/store.ts';
import type { Identifier } from './identifier.ts';
import type { Person } from './person.ts';
import type { Standings } from './standing.ts';

/** People by identifier; undefined for identifiers that are nobody's. */
export type PeopleByIdentifier = Map<Identifier, Person | undefined>;

/** What was found about somebody. */
export interface Recalled {
  readonly who: DataSubjectKeys;
  readonly standings: Standings;
  /** The documents it was read from; empty in a store that nobody else writes to. */
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
  /** Others write to the store as well, so what is recalled is valid only while its documents are unchanged. */
  readonly isShared: boolean;
  /** The generation that one look-up reads from and adds to. */
  readonly current: () => PeopleRead;
  /** To be called after every write. Look-ups under way then add to the old generation, which nobody reads any more. */
  readonly forget: () => void;
}

export interface PeopleRead {
  /** Empty in a store that others write to. */
  readonly byIdentifier: PeopleByIdentifier;
  /** What was found for somebody with the very same keys; undefined: nobody has looked. */
  readonly recall: (who: DataSubjectKeys) => Recalled | undefined;
  readonly remember: (found: Recalled) => void;
}

/**
 * Pages repeat their people. In a store that nobody else writes to they stay as they were read; in another they are
 * read again, but mostly need not be taken apart again.
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

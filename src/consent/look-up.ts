import type { Clock } from '../clock.ts';
import type { Standing } from '../model/consent.ts';
import type { DataSubjectKeys } from '../model/data-subject.ts';
import type { Entry, ReadableStore } from '../store/store.ts';
import { readStatement, type Statement } from './event.ts';
import type { Identifier, Identify } from './person/identifier.ts';
import type {
  KnownPeople,
  PeopleByIdentifier,
  PeopleRead,
  PersonDocument,
  Recalled,
} from './person/known-people.ts';
import { decodePerson, type Person } from './person/person.ts';
import { joined, type LastWords } from './person/said.ts';
import { type Standings, standingsOf } from './person/standing.ts';
import { eventsOf, personKey } from './places.ts';

/** Enough to look, while another process writes. */
export interface ConsentReading {
  readonly store: ReadableStore;
  /** People who need not be read again; left out: none. */
  readonly people?: Pick<KnownPeople, 'current' | 'isShared'>;
  readonly identify: Identify;
  readonly clock: Clock;
}

/** Two round trips at most, one after the other, whatever their number. */
export async function standings(
  reading: ConsentReading,
  people: readonly DataSubjectKeys[],
): Promise<readonly Standing[]> {
  const { people: known, clock } = reading;
  const read = known?.current();
  const recalled = people.map((who) => read?.recall(who));
  const unread = people.filter((_, index) => recalled[index] === undefined);
  const [anew] = await Promise.all([
    unread.length === 0 ? [] : readStandings(reading, unread, read),
    known?.isShared === true ? refresh(reading, recalled, read) : undefined,
  ]);
  const now = clock();
  let next = 0;
  return recalled.map((found) => (found?.standings ?? anew[next++] ?? NOTHING)(now));
}

const NOTHING = standingsOf({});

/** Reads the documents of recalled people again, and parses those that have changed. */
async function refresh(
  reading: ConsentReading,
  recalled: (Recalled | undefined)[],
  read: PeopleRead | undefined,
): Promise<void> {
  const once = [...new Set(recalled)].filter((found) => found !== undefined);
  const documents = once.flatMap((found) => found.documents);
  if (documents.length === 0) return;
  const values = await reading.store.getMany(documents.map(({ key }) => key));
  const changed = new Set<Recalled>();
  let next = 0;
  for (const found of once)
    for (const { bytes } of found.documents) if (!isSame(values[next++], bytes)) changed.add(found);
  if (changed.size === 0) return;
  const who = Array.from(changed, (found) => found.who);
  const anewRead = new Map(documents.map(({ identifier }, index) => [identifier, values[index]] as const));
  const standings = await readStandings(reading, who, read, anewRead);
  const anew = new Map(Array.from(changed, (found, index) => [found, standings[index] ?? NOTHING] as const));
  for (const [index, found] of recalled.entries()) {
    const own = found && anew.get(found);
    if (own !== undefined) recalled[index] = { who: {}, standings: own, documents: [] };
  }
}

function isSame(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return Buffer.compare(one, other) === 0;
}

type Documents = ReadonlyMap<Identifier, Uint8Array | undefined>;

/**
 * Every identifier leads to all that is known of its person, so one read finds most people by their first identifier. A
 * second read is for identifiers that no event has joined to the first.
 * @param documents that have been read already
 */
async function readStandings(
  { store, identify, people: known }: ConsentReading,
  people: readonly DataSubjectKeys[],
  read: PeopleRead | undefined,
  documents: Documents = new Map(),
): Promise<readonly Standings[]> {
  const identified = people.map(identify);
  const found: PeopleByIdentifier = read?.byIdentifier ?? new Map();
  const bytesOf = known?.isShared === true ? new Map<Person, Uint8Array>() : undefined;
  takeApart(documents, found, bytesOf);
  const firsts = new Set<Identifier>();
  for (const own of identified) {
    const first = own[0];
    if (first !== undefined && !found.has(first)) firsts.add(first);
  }
  takeApart(await readDocuments(store, [...firsts]), found, bytesOf);
  const others = new Set<Identifier>();
  for (const own of identified)
    for (const identifier of own) if (!found.has(identifier)) others.add(identifier);
  takeApart(await readDocuments(store, [...others]), found, bytesOf);
  return people.map((who, index) => {
    const own = identified[index] ?? [];
    const standings = standingsOf(wordsOn(own, found));
    const documents = bytesOf === undefined ? [] : documentsOf(own, found, bytesOf);
    read?.remember({ who, standings, documents });
    return standings;
  });
}

/**
 * The documents that identifiers lead to, each once, under the first identifier that does: the others lead to the same
 * one.
 */
function documentsOf(
  own: readonly Identifier[],
  found: PeopleByIdentifier,
  bytesOf: ReadonlyMap<Person, Uint8Array>,
): readonly PersonDocument[] {
  const people = new Set<Person>();
  const documents: PersonDocument[] = [];
  for (const identifier of own) {
    const person = found.get(identifier);
    if (person !== undefined && people.has(person)) continue;
    if (person !== undefined) people.add(person);
    const bytes = person && bytesOf.get(person);
    // A copy: what was read may be a part of something larger.
    documents.push({ identifier, key: personKey(identifier), bytes: bytes && Buffer.from(bytes) });
  }
  return documents;
}

/** The last words on a person, under all of their identifiers. */
function wordsOn(own: readonly Identifier[], found: PeopleByIdentifier): LastWords {
  const all: LastWords[] = [];
  for (const identifier of own) {
    const words = found.get(identifier)?.words;
    if (words !== undefined && !all.includes(words)) all.push(words);
  }
  return joined(all);
}

async function readDocuments(
  store: Pick<ReadableStore, 'getMany'>,
  identifiers: readonly Identifier[],
): Promise<Documents> {
  const values = identifiers.length === 0 ? [] : await store.getMany(identifiers.map(personKey));
  return new Map(identifiers.map((identifier, index) => [identifier, values[index]]));
}

/**
 * Parses the documents, and adds each person under all of their identifiers.
 * @param bytesOf if given, receives the bytes that each person was read from
 */
function takeApart(
  documents: Documents,
  found: PeopleByIdentifier,
  bytesOf: Map<Person, Uint8Array> | undefined,
): void {
  for (const [identifier, value] of documents) {
    if (value === undefined) found.set(identifier, undefined);
    else if (found.get(identifier) === undefined) {
      const person = decodePerson(value);
      bytesOf?.set(person, value);
      // The document is the same under all of them.
      for (const other of person.identifiers) found.set(other, person);
    }
  }
}

const HISTORY_PAGE = 1_000;

/** All events of a person, in order of time, under whichever of their identifiers each is kept. */
export async function history(
  { store, identify }: ConsentReading,
  who: DataSubjectKeys,
): Promise<readonly Statement[]> {
  const own = identify(who);
  const values = own.length === 0 ? [] : await store.getMany(own.map(personKey));
  const people = values.flatMap((value) => (value === undefined ? [] : [decodePerson(value)]));
  const entries = await eventsUnder(
    store,
    people.flatMap(({ identifiers }) => identifiers),
  );
  return entries.map(({ value }) => readStatement(value)).toSorted((a, b) => a.at - b.at);
}

/** All events that are kept under these identifiers. */
export async function eventsUnder(
  store: Pick<ReadableStore, 'page'>,
  identifiers: readonly Identifier[],
): Promise<readonly Entry[]> {
  const found: Entry[] = [];
  for (const identifier of new Set(identifiers)) {
    let { from, to } = eventsOf(identifier);
    for (;;) {
      const entries = await store.page({ from, to }, HISTORY_PAGE);
      found.push(...entries);
      const last = entries.at(-1);
      if (last === undefined || entries.length < HISTORY_PAGE) break;
      // `!` is the smallest character of a key, so this is the smallest key after the last.
      from = `${last.key}!`;
    }
  }
  return found;
}

import type { Clock } from '../clock.ts';
import type { Standing } from '../model/consent.ts';
import type { DataSubjectKeys } from '../model/data-subject.ts';
import type { Entry, ReadableStore } from '../store/store.ts';
import { readStatement, type Statement } from './event.ts';
import type { Identifier, Identify } from './identifier.ts';
import type { KnownPeople, PeopleByIdentifier, PeopleRead, Recalled } from './known-people.ts';
import { decodePerson } from './person.ts';
import { eventsOf, personKey } from './places.ts';
import { joined, type LastWords } from './said.ts';
import { standingOf } from './standing.ts';

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
    unread.length === 0 ? [] : readWords(reading, unread, read),
    known?.isShared === true ? refresh(reading, recalled, read) : undefined,
  ]);
  const now = clock();
  let next = 0;
  return recalled.map((found) => standingOf(found?.words ?? anew[next++] ?? NOTHING, now));
}

const NOTHING: LastWords = {};

/** Reads the documents of those who were recalled, and takes apart again which have changed. */
async function refresh(
  reading: ConsentReading,
  recalled: (Recalled | undefined)[],
  read: PeopleRead | undefined,
): Promise<void> {
  const once = [...new Set(recalled)].filter((found) => found !== undefined);
  const documents = await readDocuments(
    reading.store,
    once.flatMap(({ document }) => document?.identifier ?? []),
  );
  const isAsItWas = ({ document }: Recalled): boolean => {
    const bytes = document && documents.get(document.identifier);
    return document !== undefined && bytes !== undefined && Buffer.compare(bytes, document.bytes) === 0;
  };
  const changed = new Set(once.filter((found) => !isAsItWas(found)));
  if (changed.size === 0) return;
  const who = Array.from(changed, (found) => found.who);
  const words = await readWords(reading, who, read, documents);
  const anew = new Map(Array.from(changed, (found, index) => [found, words[index] ?? NOTHING] as const));
  for (const [index, found] of recalled.entries()) {
    const own = found && anew.get(found);
    if (own !== undefined) recalled[index] = { who: {}, words: own, document: undefined };
  }
}

type Documents = ReadonlyMap<Identifier, Uint8Array | undefined>;

/**
 * Every identifier leads to all that is known of its person, so one look finds most people by the first of theirs; the second is for
 * identifiers that nobody has said are of the same person.
 * @param documents that have been read already
 */
async function readWords(
  { store, identify, people: known }: ConsentReading,
  people: readonly DataSubjectKeys[],
  read: PeopleRead | undefined,
  documents: Documents = new Map(),
): Promise<readonly LastWords[]> {
  const identified = people.map(identify);
  const found: PeopleByIdentifier = read?.byIdentifier ?? new Map();
  takeApart(documents, found);
  const firsts = new Set<Identifier>();
  for (const own of identified) {
    const first = own[0];
    if (first !== undefined && !found.has(first)) firsts.add(first);
  }
  const first = await readDocuments(store, [...firsts]);
  takeApart(first, found);
  const others = new Set<Identifier>();
  for (const own of identified)
    for (const identifier of own) if (!found.has(identifier)) others.add(identifier);
  takeApart(await readDocuments(store, [...others]), found);
  return people.map((who, index) => {
    const own = identified[index] ?? [];
    const words = wordsOn(own, found);
    const document = known?.isShared === true ? onlyDocument(own, found, [documents, first]) : undefined;
    read?.remember({ who, words, document });
    return words;
  });
}

/** The document that all identifiers lead to, as it was read under the first. */
function onlyDocument(
  own: readonly Identifier[],
  found: PeopleByIdentifier,
  read: readonly Documents[],
): Recalled['document'] {
  const [identifier] = own;
  if (identifier === undefined) return undefined;
  const person = found.get(identifier);
  const bytes = read.map((documents) => documents.get(identifier)).find((one) => one !== undefined);
  if (bytes === undefined || own.some((other) => found.get(other) !== person)) return undefined;
  // A copy: what was read may be a part of something larger.
  return { identifier, bytes: Buffer.from(bytes) };
}

/** What was said of a person, under whichever identifiers. */
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

/** Adds what is known by each of the identifiers, and by the others of the people found. */
function takeApart(documents: Documents, found: PeopleByIdentifier): void {
  for (const [identifier, value] of documents) {
    if (value === undefined) found.set(identifier, undefined);
    else if (found.get(identifier) === undefined) {
      const person = decodePerson(value);
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

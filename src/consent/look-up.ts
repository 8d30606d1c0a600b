import type { Clock } from '../clock.ts';
import type { Standing } from '../model/consent.ts';
import type { DataSubjectKeys } from '../model/data-subject.ts';
import type { Entry, ReadableStore } from '../store/store.ts';
import { readStatement, type Statement } from './event.ts';
import type { Identifier, Identify } from './identifier.ts';
import type { KnownPeople, PeopleByIdentifier } from './known-people.ts';
import { decodePerson } from './person.ts';
import { eventsOf, personKey } from './places.ts';
import { joined, type LastWords } from './said.ts';
import { standingOf } from './standing.ts';

/** Enough to look, while another process writes. */
export interface ConsentReading {
  readonly store: ReadableStore;
  /** People who need not be read again; left out: none. */
  readonly people?: Pick<KnownPeople, 'current'>;
  readonly identify: Identify;
  readonly clock: Clock;
}

/**
 * Two round trips at most. Every identifier leads to all that is known of its person, so one look finds most people by the first of theirs;
 * the second is for identifiers that nobody has said are of the same person.
 */
export async function standings(
  { store, identify, clock, people: known }: ConsentReading,
  people: readonly DataSubjectKeys[],
): Promise<readonly Standing[]> {
  const identified = people.map(identify);
  const found: PeopleByIdentifier = known?.current() ?? new Map();
  const firsts = new Set<Identifier>();
  for (const own of identified) {
    const first = own[0];
    if (first !== undefined && !found.has(first)) firsts.add(first);
  }
  await readPeople(store, firsts, found);
  const others = new Set<Identifier>();
  for (const own of identified)
    for (const identifier of own) if (!found.has(identifier)) others.add(identifier);
  await readPeople(store, others, found);
  const now = clock();
  return identified.map((own) => standingOf(wordsOn(own, found), now));
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

/** Adds what is known by each of the identifiers, and by the others of the people found. */
async function readPeople(
  store: Pick<ReadableStore, 'getMany'>,
  wanted: ReadonlySet<Identifier>,
  found: PeopleByIdentifier,
): Promise<void> {
  if (wanted.size === 0) return;
  const identifiers = [...wanted];
  const values = await store.getMany(identifiers.map(personKey));
  for (const [index, identifier] of identifiers.entries()) {
    const value = values[index];
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

import type { Clock } from '../clock.ts';
import type { Standing } from '../model/consent.ts';
import type { DataSubjectKeys } from '../model/data-subject.ts';
import type { ReadableStore } from '../store/store.ts';
import { readStatement, type Statement } from './event.ts';
import type { Identifier, Identify } from './identifier.ts';
import type { KnownPeople, PeopleByIdentifier, PeopleRead } from './known-people.ts';
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

/** Two round trips at most, whatever their number. */
export async function standings(
  reading: ConsentReading,
  people: readonly DataSubjectKeys[],
): Promise<readonly Standing[]> {
  const known = reading.people?.current();
  const words = people.map((who) => known?.wordsOn(who));
  const unread = people.filter((_, index) => words[index] === undefined);
  const read = unread.length === 0 ? [] : await readWords(reading, unread, known);
  const now = reading.clock();
  let next = 0;
  return words.map((own) => standingOf(own ?? read[next++] ?? {}, now));
}

/**
 * Every identifier leads to all that is known of its person, so one look finds most people by the first of theirs; the second is for
 * identifiers that nobody has said are of the same person.
 */
async function readWords(
  { store, identify }: ConsentReading,
  people: readonly DataSubjectKeys[],
  known: PeopleRead | undefined,
): Promise<readonly LastWords[]> {
  const identified = people.map(identify);
  const found: PeopleByIdentifier = known?.byIdentifier ?? new Map();
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
  return people.map((who, index) => {
    const words = wordsOn(identified[index] ?? [], found);
    known?.remember(who, words);
    return words;
  });
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

import type { Clock } from '../clock.ts';
import type { Standing } from '../model/consent.ts';
import type { DataSubjectKeys } from '../model/data-subject.ts';
import type { ReadableStore } from '../store/store.ts';
import { readStatement, type Statement } from './event.ts';
import type { Identifier, Identify } from './identifier.ts';
import { decodePerson, type Person } from './person.ts';
import { eventsOf, personKey } from './places.ts';
import { joined } from './said.ts';
import { standingOf } from './standing.ts';

/** Enough to look, while another process writes. */
export interface ConsentReading {
  readonly store: ReadableStore;
  readonly identify: Identify;
  readonly clock: Clock;
}

/** One round trip: every identifier leads to all that is known of its person. */
export async function standings(
  { store, identify, clock }: ConsentReading,
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

import type { Identifier } from './identifier.ts';
import { joined, type LastWords } from './said.ts';

/**
 * All that is known of one person, in short. The same document is stored under each of their identifiers, so that one
 * read finds it, and is changed under all of them at once.
 */
export interface Person {
  /** In order; the first names the person. */
  readonly identifiers: readonly Identifier[];
  /** How many events their history has. */
  readonly events: number;
  readonly words: LastWords;
}

export function encodePerson({ identifiers, events, words }: Person): Buffer {
  return Buffer.from(JSON.stringify({ identifiers, events, words } satisfies Person));
}

export function decodePerson(bytes: Uint8Array): Person {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  // Written by this registry alone.
  return JSON.parse(text) as Person;
}

export function nameOf({ identifiers }: Pick<Person, 'identifiers'>): Identifier {
  return identifiers[0] ?? '';
}

/** The different people among these. */
export function distinct(people: readonly Person[]): readonly Person[] {
  return people.length < 2 ? people : [...new Map(people.map((person) => [nameOf(person), person])).values()];
}

/** Several people who turn out to be one, known by further identifiers too. */
export function united(people: readonly Person[], also: readonly Identifier[]): Person {
  const identifiers = [...new Set([...people.flatMap((person) => person.identifiers), ...also])].toSorted();
  const events = people.reduce((sum, person) => sum + person.events, 0);
  return { identifiers, events, words: joined(people.map(({ words }) => words)) };
}

import type { GuardedWrite } from '../store/store.ts';
import type { ConsentContext } from './context.ts';
import type { FiledEvent } from './event.ts';
import type { Identifier } from './person/identifier.ts';
import { encodePerson, nameOf, type Person, united } from './person/person.ts';
import { add, isNegative, type LastWords, mattersOf, RESTRICTION, type Said } from './person/said.ts';
import { personKey, restrictedKey } from './places.ts';
import type { AppendOutcome } from './registry.ts';

/** Events that concern one person, the people who turn out to be that person, and their documents as they were read. */
export interface Group {
  readonly events: readonly FiledEvent[];
  readonly people: readonly Person[];
  /** By each identifier that the events name; undefined: nobody is known by it. */
  readonly documents: ReadonlyMap<Identifier, Uint8Array | undefined>;
  /** Keys of events that are on record. */
  readonly known: ReadonlySet<string>;
}

export interface Change {
  /** For each event of the group. */
  readonly outcomes: readonly AppendOutcome[];
  /** Undefined where nothing changes. */
  readonly write: GuardedWrite | undefined;
  /** Who is restricted may change. */
  readonly restricts: boolean;
}

/** @returns undefined when the person would have more identifiers than allowed */
export function changeOf({ limits }: Pick<ConsentContext, 'limits'>, group: Group): Change | undefined {
  const before = united(
    group.people,
    group.events.flatMap(({ identifiers }) => identifiers),
  );
  if (before.identifiers.length > limits.consentIdentifiersMax) return undefined;
  const words = { ...before.words };
  const taken = new Map<string, FiledEvent>();
  const outcomes = group.events.map((event): AppendOutcome => {
    if (group.known.has(event.key) || taken.has(event.key)) return 'known';
    const hasRoom = before.events + taken.size < limits.consentEventsMax;
    if (!hasRoom && !takesAway(words, event)) return 'full';
    taken.set(event.key, event);
    say(words, event);
    return 'appended';
  });
  const after = { ...before, events: before.events + taken.size, words };
  return {
    outcomes,
    write: taken.size === 0 ? undefined : writeOf(group, after, [...taken.values()]),
    restricts: words[RESTRICTION] !== undefined,
  };
}

/** Adds an event to a person's last words. */
export function say(
  words: Record<string, Said>,
  { statement, identifiers }: Pick<FiledEvent, 'statement' | 'identifiers'>,
): void {
  const { state, at, source, until } = statement;
  const said = { state, at, source, ...(until === undefined ? {} : { until }) };
  const record = identifiers.find((identifier) => identifier.startsWith('r'));
  for (const matter of mattersOf(statement, record)) add(words, matter, said);
}

/**
 * True for an event that denies something not denied yet. Such events have room even in a full history; there are few.
 */
function takesAway(words: LastWords, { statement }: FiledEvent): boolean {
  if (!isNegative(statement)) return false;
  const [matter = ''] = mattersOf(statement, undefined);
  const before = words[matter];
  if (before === undefined || !isNegative(before) || before.until !== undefined) return true;
  // What was permitted since then, of this or of something else, may be what it is said against.
  return Object.values(words).some(
    (said) => !isNegative(said) && said.at > before.at && said.at <= statement.at,
  );
}

/**
 * The write expects the documents as they were read: then no event of these people was added since, and nobody has
 * joined them.
 */
function writeOf(group: Group, person: Person, events: readonly FiledEvent[]): GuardedWrite {
  const document = encodePerson(person);
  return {
    expect: [...group.documents].map(([identifier, value]) => ({ key: personKey(identifier), value })),
    writes: [
      ...person.identifiers.map((identifier) => ({ put: personKey(identifier), value: document })),
      ...events.map(({ key, value }) => ({ put: key, value })),
      ...group.people
        .filter((other) => nameOf(other) !== nameOf(person))
        .map((other) => ({ delete: restrictedKey(nameOf(other)) })),
      restrictionOf(person),
    ],
  };
}

/** Puts a person on the list of those who are restricted, or takes them off it. */
export function restrictionOf(person: Person): GuardedWrite['writes'][number] {
  const key = restrictedKey(nameOf(person));
  const restriction = person.words[RESTRICTION];
  return restriction?.state === 'restricted'
    ? { put: key, value: Buffer.from(String(restriction.until ?? '')) }
    : { delete: key };
}

import { PrivetError } from '../errors.ts';
import type { DataSubjectKeys } from '../model/data-subject.ts';
import { restrictionOf, say } from './change.ts';
import type { ConsentContext } from './context.ts';
import { readEvent } from './event.ts';
import { eventsUnder } from './look-up.ts';
import { decodePerson, distinct, encodePerson, type Person } from './person/person.ts';
import { RESTRICTION, type Said } from './person/said.ts';
import { personKey } from './places.ts';

export interface ErasedHistory {
  /** Events that are no longer there. */
  readonly erased: number;
  /** Events that stay, so that what they take away stays taken away. */
  readonly kept: number;
  /** Nothing was erased: the person's processing is restricted. */
  readonly isRestricted?: true;
}

/** As for appending: to lose this many rounds in a row to others is a fault. */
const ROUNDS_MAX = 32;

/**
 * Erases what a person has agreed to (GDPR Art. 17). What they have withdrawn, objected to and had restricted stays by
 * default, under keyed hashes alone: without it nobody could respect it when the person comes back from an old list
 * (Art. 17(3)(b), 21(3)).
 * @param all erases what would stay, too, but not for somebody whose processing is restricted, who may need it (Art.
 * 18(1)(c))
 * @throws PrivetError CONSENT_UNAVAILABLE when others change the same person all the time
 */
export async function eraseHistory(
  context: ConsentContext,
  who: DataSubjectKeys,
  { all }: { readonly all: boolean },
): Promise<ErasedHistory> {
  const { store, identify } = context;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const values = await store.getMany(identify(who).map(personKey));
    const people = distinct(values.flatMap((value) => (value === undefined ? [] : [decodePerson(value)])));
    if (all && people.some(isRestricted)) return { erased: 0, kept: 0, isRestricted: true };
    const done = await Promise.all(people.map((person) => erasePerson(context, person, all)));
    if (done.includes(undefined)) continue;
    const sum = (of: 'erased' | 'kept'): number => done.reduce((total, one) => total + (one?.[of] ?? 0), 0);
    return { erased: sum('erased'), kept: sum('kept') };
  }
  throw new PrivetError('CONSENT_UNAVAILABLE', 'Others changed the same person all the time.');
}

/** Undefined: others came between. */
async function erasePerson(
  { store }: ConsentContext,
  { identifiers }: Person,
  all: boolean,
): Promise<ErasedHistory | undefined> {
  // The documents first: as long as they are what was read, no event can have been added.
  const documents = await store.getMany(identifiers.map(personKey));
  const entries = await eventsUnder(store, identifiers);
  const events = entries.map(({ key, value }) => ({ key, ...readEvent(value) }));
  const kept = all ? [] : events.filter(({ statement }) => statement.state !== 'granted');
  const gone = events.filter((event) => !kept.includes(event));
  const words: Record<string, Said> = {};
  for (const event of kept) say(words, event);
  const person = { identifiers, events: kept.length, words };
  const document = encodePerson(person);
  const [conflict] = await store.writeIf([
    {
      expect: identifiers.map((identifier, index) => ({
        key: personKey(identifier),
        value: documents[index],
      })),
      writes: [
        ...gone.map(({ key }) => ({ delete: key })),
        ...identifiers.map((identifier) =>
          kept.length === 0
            ? { delete: personKey(identifier) }
            : { put: personKey(identifier), value: document },
        ),
        restrictionOf(person),
      ],
    },
  ]);
  return conflict === undefined ? { erased: gone.length, kept: kept.length } : undefined;
}

function isRestricted({ words }: Person): boolean {
  return words[RESTRICTION]?.state === 'restricted';
}

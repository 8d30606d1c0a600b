import type { ConsentEvent } from '../model/consent.ts';
import type { DataSubjectKeys } from '../model/data-subject.ts';
import type { ConsentContext } from './context.ts';
import type { Identifier } from './person/identifier.ts';
import { decodePerson, type Person } from './person/person.ts';
import { CRM_SOURCE, consentTo, crmField } from './person/said.ts';
import { personKey } from './places.ts';

/** What the CRM's own field on a record was seen to say. */
export interface Observation {
  readonly who: DataSubjectKeys & { readonly record: string };
  readonly purpose: string;
  readonly granted: boolean;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Something seen passing: what a field said, or an event that did not come from a field. */
export type Seen = Observation | ConsentEvent;

export function isEvent(seen: Seen): seen is ConsentEvent {
  return 'state' in seen;
}

function isObservation(seen: Seen): seen is Observation {
  return !isEvent(seen);
}

/**
 * The events in what was seen: a field that says no and was not known to, and one that says yes and was known to say
 * no. A yes that is seen for the first time is no event: nobody knows how old it is, and a withdrawal on record may be
 * newer. One round trip, and another one where a word is not on record for all that the person is known by.
 */
export async function transitionsIn(
  { store, identify }: Pick<ConsentContext, 'store' | 'identify'>,
  passed: readonly Seen[],
): Promise<readonly ConsentEvent[]> {
  const observations = passed.filter(isObservation);
  const records = observations.map(({ who: { record } }) => identify({ record })[0] ?? '');
  const people = await peopleAt(store, records);
  const seen = new Map<string, { readonly granted: boolean; readonly at: number }>();
  const transitions = observations.flatMap(
    ({ who, purpose, granted, at }, index): readonly ConsentEvent[] => {
      const record = records[index] ?? '';
      const matter = crmField(record, purpose);
      const said = people.get(record)?.words[matter];
      const before = seen.get(matter) ?? (said && { granted: said.state === 'granted', at: said.at });
      // An observation older than what is known tells nothing new.
      if (before !== undefined && before.at > at) return [];
      seen.set(matter, { granted, at });
      const isNew = before === undefined ? !granted : before.granted !== granted;
      return isNew
        ? [{ who, purpose, state: granted ? 'granted' : 'withdrawn', at, source: CRM_SOURCE }]
        : [];
    },
  );
  const elsewhere = await wordsElsewhere({ store, identify }, observations, people);
  return [...transitions, ...elsewhere, ...passed.filter(isEvent)];
}

type People = ReadonlyMap<Identifier, Person | undefined>;

async function peopleAt(store: ConsentContext['store'], identifiers: readonly Identifier[]): Promise<People> {
  const sought = [...new Set(identifiers)].filter((identifier) => identifier !== '');
  const values = sought.length === 0 ? [] : await store.getMany(sought.map(personKey));
  return new Map(
    sought.map((identifier, index) => {
      const value = values[index];
      return [identifier, value === undefined ? undefined : decodePerson(value)] as const;
    }),
  );
}

/**
 * What a field has said that is on record for the record alone, because whoever wrote the field did not say whose record
 * it is: a no holds for the address and number that the record is now seen with, and a yes takes back a no that came
 * from a field. Each is kept for itself, since a record may have come to be about somebody else, who must not become one
 * with the first.
 */
async function wordsElsewhere(
  { store, identify }: Pick<ConsentContext, 'store' | 'identify'>,
  observations: readonly Observation[],
  people: People,
): Promise<readonly ConsentEvent[]> {
  const untold = observations.flatMap(({ who, purpose, granted }) => {
    const [record = ''] = identify({ record: who.record });
    const person = people.get(record);
    const said = person?.words[crmField(record, purpose)];
    if (person === undefined || said === undefined || granted !== (said.state === 'granted')) return [];
    return partsOf(who).flatMap((part) => {
      const [identifier] = identify(part);
      const isKnown = identifier === undefined || person.identifiers.includes(identifier);
      return isKnown ? [] : [{ identifier, who: part, purpose, said }];
    });
  });
  if (untold.length === 0) return [];
  const others = await peopleAt(
    store,
    untold.map(({ identifier }) => identifier),
  );
  return untold.flatMap(({ identifier, who, purpose, said: { state, at } }): ConsentEvent[] => {
    const last = others.get(identifier)?.words[consentTo(purpose)];
    const isOver = last !== undefined && last.at >= at;
    const isTakenBack = last?.state === 'withdrawn' && last.source === CRM_SOURCE;
    return isOver || (state === 'granted' && !isTakenBack)
      ? []
      : [{ who, purpose, state, at, source: CRM_SOURCE }];
  });
}

/** Addresses and numbers, each by itself. What a field says of one record it does not say of the field of another. */
function partsOf({ email, phone, also = [] }: DataSubjectKeys): readonly DataSubjectKeys[] {
  return [
    ...(email === undefined ? [] : [{ email }]),
    ...(phone === undefined ? [] : [{ phone }]),
    ...also.flatMap((key) => ('record' in key ? [] : [key])),
  ];
}

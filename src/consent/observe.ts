import type { ConsentEvent } from '../model/consent.ts';
import type { DataSubjectKeys } from '../model/data-subject.ts';
import type { ConsentContext } from './context.ts';
import { decodePerson } from './person.ts';
import { personKey } from './places.ts';
import { CRM_SOURCE, crmField } from './said.ts';

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
 * newer. One round trip.
 */
export async function transitionsIn(
  { store, identify }: Pick<ConsentContext, 'store' | 'identify'>,
  passed: readonly Seen[],
): Promise<readonly ConsentEvent[]> {
  const observations = passed.filter(isObservation);
  const records = observations.map(({ who: { record } }) => identify({ record })[0] ?? '');
  const identified = [...new Set(records.filter((record) => record !== ''))];
  const values = identified.length === 0 ? [] : await store.getMany(identified.map(personKey));
  const words = new Map(
    identified.map((record, index) => {
      const value = values[index];
      return [record, value === undefined ? undefined : decodePerson(value).words] as const;
    }),
  );
  const seen = new Map<string, { readonly granted: boolean; readonly at: number }>();
  const transitions = observations.flatMap(
    ({ who, purpose, granted, at }, index): readonly ConsentEvent[] => {
      const record = records[index] ?? '';
      const matter = crmField(record, purpose);
      const said = words.get(record)?.[matter];
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
  return [...transitions, ...passed.filter(isEvent)];
}

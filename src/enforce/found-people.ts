import type { Standing } from '../model/consent.ts';
import type { DataSubjectKeys } from '../model/data-subject.ts';
import type { ObjectView, RecordFacts } from '../model/decision.ts';
import type { ConsentAccess } from './consent-access.ts';
import { findRecords, type RecordTools, type Sought } from './found-records.ts';
import { keysOf, type Naming } from './person.ts';

export interface PeopleTools extends RecordTools {
  readonly naming: Naming;
  readonly consent: ConsentAccess;
}

/** Somebody whom a request is about, as far as the CRM tells. */
export interface FoundPerson {
  /** What the request names them by. */
  readonly value: string;
  /** Somebody's record stands there. */
  readonly isThere: boolean;
  readonly view: ObjectView;
  readonly facts: RecordFacts;
  /** Undefined: it cannot be told who it is. */
  readonly keys: DataSubjectKeys | undefined;
}

/** Nothing stands in any field of a record that is not there. */
const NOTHING: RecordFacts = () => null;

/**
 * Everybody whom the sought records are about: one for each record that is there, and one for each value that none stands under, because
 * something may be on record of it all the same. Undefined where the CRM does not tell.
 */
export async function findPeople(
  sought: Sought,
  tools: PeopleTools,
): Promise<readonly FoundPerson[] | undefined> {
  const { object, field, values } = sought;
  const { naming } = tools;
  const view = tools.view.of(object);
  const found = await findRecords(sought, fieldsOf(view), tools);
  if (found === undefined || view.person === undefined) return undefined;
  const { person } = view;
  const people = found.flatMap(({ asked, facts }): FoundPerson[] => {
    // Which of the values it stands under is not told: it counts for each.
    const under = asked === undefined ? values : [asked];
    const id = field === undefined ? asked : undefined;
    return under.map((value) => ({
      value,
      isThere: true,
      view,
      facts,
      keys: keysOf(view, facts, () => id, naming),
    }));
  });
  const absent = values.filter((value) => people.every((one) => one.value !== value));
  const keysOfAbsent = (value: string): DataSubjectKeys => {
    if (field === undefined) return { record: naming.name(object, value) };
    const folded = field.toLowerCase();
    if (folded === person.email?.toLowerCase()) return { email: value };
    if (folded === person.phone?.toLowerCase()) return { phone: value };
    return folded === person.id.toLowerCase() ? { record: naming.name(object, value) } : {};
  };
  return [
    ...people,
    ...absent.map((value) => ({ value, isThere: false, view, facts: NOTHING, keys: keysOfAbsent(value) })),
  ];
}

/** Fields that tell who somebody is, and what their record says. */
function fieldsOf({ person, requirements = [] }: ObjectView): readonly string[] {
  const keys = [person?.id, person?.email, person?.phone].filter((field) => field !== undefined);
  return [...new Set([...keys, ...requirements.flatMap(({ needs }) => needs)])];
}

/** Where each of these people stands, in one go; undefined for whoever cannot be told. @throws PrivetError CONSENT_UNAVAILABLE */
export async function standingsOf(
  people: readonly (DataSubjectKeys | undefined)[],
  consent: ConsentAccess,
): Promise<readonly (Standing | undefined)[]> {
  const known = people.filter((keys) => keys !== undefined);
  const standings = known.length === 0 ? [] : await consent.standings(known);
  let next = 0;
  return people.map((keys) => keys && standings[next++]);
}

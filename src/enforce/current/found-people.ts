import type { Standing } from '../../model/consent.ts';
import type { DataSubjectKeys } from '../../model/data-subject.ts';
import type { ObjectView } from '../../model/decision.ts';
import type { RecordFacts } from '../../model/record-facts.ts';
import { namesOf, type PersonFields } from '../../model/requirement.ts';
import type { ConsentAccess } from '../people/consent-access.ts';
import { furtherKeys, keysOf, type Naming } from '../people/person.ts';
import { isUntold, type OwnRecord, ownRecord, type ToldPerson } from '../people/told-person.ts';
import { findRecords, type RecordTools, type Sought } from './found-records.ts';

export interface PeopleTools extends RecordTools {
  readonly naming: Naming;
  readonly consent: ConsentAccess;
}

/** Somebody that a request is about, as far as the CRM tells. */
export interface FoundPerson {
  /** What the request names them by. */
  readonly value: string;
  /** Somebody's record stands there. */
  readonly isThere: boolean;
  readonly view: ObjectView;
  readonly facts: RecordFacts;
  /** Undefined: the person cannot be told. */
  readonly keys: DataSubjectKeys | undefined;
}

/** The facts of a record that does not exist: every field is empty. */
const NOTHING: RecordFacts = () => null;

/**
 * The people whom the sought records are about: one for each record found, and one for each value without a record,
 * because consent may be on record for it even so. Undefined when the CRM does not tell.
 */
export async function findPeople(
  sought: Sought,
  tools: PeopleTools,
): Promise<readonly FoundPerson[] | undefined> {
  const { object, field, values } = sought;
  const { naming } = tools;
  const view = tools.view.of(object);
  const { person } = view;
  if (person === undefined) return undefined;
  const all = await Promise.all(
    [sought, ...furtherPlaces(sought, person)].map((place) => findRecords(place, fieldsOf(view), tools)),
  );
  if (all.includes(undefined)) return undefined;
  const found = all.flatMap((some) => some ?? []);
  const told = found.map(({ asked, facts }) =>
    toldBy(view, facts, field === undefined ? asked : undefined, naming),
  );
  const whom = await toldOwn(told, tools);
  const people = found.flatMap(({ asked, facts }, index): FoundPerson[] => {
    // When it is not told which of the values a record has, it counts for each.
    const under = asked === undefined ? values : [asked];
    return under.map((value) => ({ value, isThere: true, view, facts, keys: whom[index] }));
  });
  const absent = values.filter((value) => people.every((one) => one.value !== value));
  const keysOfAbsent = (value: string): DataSubjectKeys => {
    if (field === undefined) return { record: naming.name(object, value) };
    const folded = field.toLowerCase();
    if (folded === person.email?.toLowerCase()) return { email: value };
    if (folded === person.phone?.toLowerCase()) return { phone: value };
    if (folded === person.id.toLowerCase()) return { record: naming.name(object, value) };
    const further = person.also?.find((one) => one.field.toLowerCase() === folded);
    return further === undefined ? {} : { also: furtherKeys(further, value, naming) };
  };
  return [
    ...people,
    ...absent.map((value) => ({ value, isThere: false, view, facts: NOTHING, keys: keysOfAbsent(value) })),
  ];
}

/** Where else an address may stand: whoever has it there is the same person. */
function furtherPlaces(
  { object, field, values }: Sought,
  { email, also = [] }: PersonFields,
): readonly Sought[] {
  if (field === undefined || field.toLowerCase() !== email?.toLowerCase()) return [];
  return also
    .filter(({ as }) => as === 'email')
    .map((further) => ({ object, field: further.field, values, isShared: true }));
}

/** The keys of a person by a record whose tokens have been resolved. */
export function toldBy(
  view: ObjectView,
  facts: RecordFacts,
  recordId: string | undefined,
  naming: Naming,
): ToldPerson | undefined {
  const keys = keysOf(view, facts, () => recordId, naming);
  // There is no other record that could tell more than the person's own.
  if (keys === undefined || (view.person !== undefined && naming.isOwnId(view.person.id))) return keys;
  const own = ownRecord(view, facts, () => recordId, { naming, isTold: true });
  return own === undefined ? keys : { ...keys, own };
}

/** The same people after their own records have been read. Undefined for each that still cannot be told. */
export async function toldOwn(
  people: readonly (ToldPerson | undefined)[],
  tools: PeopleTools,
): Promise<readonly (ToldPerson | undefined)[]> {
  await tellOwn(
    people.filter((who) => who !== undefined),
    tools,
  );
  return people.map((who) => (who !== undefined && isUntold(who) ? undefined : who));
}

/**
 * From a file to what it is attached to, to the case that this is of, and to the person. What leads further leads in a
 * circle.
 */
const STEPS_MAX = 5;

/**
 * Reads the records that people are named by, all of an object at once, and those that these name in their turn.
 * Whoever is not found there stays untold.
 */
export async function tellOwn(people: readonly ToldPerson[], tools: PeopleTools): Promise<void> {
  let open = people.flatMap(openOf);
  for (let step = 0; step < STEPS_MAX && open.length > 0; step++) {
    const byObject = Map.groupBy(open, ({ own }) => own.object);
    await Promise.all(Array.from(byObject, ([object, some]) => tellOwnOf(object, some, tools)));
    open = open.flatMap(({ who, own }) => openOf(who).filter((next) => next.own !== own));
  }
}

interface OpenPerson {
  readonly who: ToldPerson;
  readonly own: OwnRecord;
}

function openOf(who: ToldPerson): readonly OpenPerson[] {
  return who.own === undefined ? [] : [{ who, own: who.own }];
}

async function tellOwnOf(object: string, people: readonly OpenPerson[], tools: PeopleTools): Promise<void> {
  const view = tools.view.of(object);
  if (view.person === undefined) {
    // What is about nobody tells no more than its id.
    for (const { who } of people) delete who.own;
    return;
  }
  const values = [...new Set(people.map(({ own }) => own.id))];
  const found = (await findRecords({ object, values }, fieldsOf(view), tools)) ?? [];
  const toldById = new Map(
    found.flatMap(({ asked, facts }) => {
      const told = toldBy(view, facts, asked, tools.naming);
      return asked === undefined || told === undefined ? [] : [[asked, told] as const];
    }),
  );
  for (const { who, own } of people) {
    const told = toldById.get(own.id);
    if (told !== undefined) tellAs(who, told);
  }
}

/** What the record says holds, and of what it does not say, what was known before. */
function tellAs(who: ToldPerson, told: ToldPerson): void {
  const sealed = who.sealed?.filter(({ key, isFurther }) => isFurther || told[key] === undefined) ?? [];
  const also = [...(who.also ?? []), ...(told.also ?? [])];
  delete who.own;
  delete who.sealed;
  Object.assign(who, told, also.length === 0 ? {} : { also }, sealed.length === 0 ? {} : { sealed });
}

/** Fields that identify a person, and those that tell their consent. */
export function fieldsOf({ person, requirements = [] }: ObjectView): readonly string[] {
  return [...new Set([...namesOf(person), ...requirements.flatMap(({ needs }) => needs)])];
}

/**
 * The standing of each of these people, in one look-up; undefined for each that cannot be told.
 * @throws PrivetError CONSENT_UNAVAILABLE
 */
export async function standingsOf(
  people: readonly (DataSubjectKeys | undefined)[],
  consent: ConsentAccess,
): Promise<readonly (Standing | undefined)[]> {
  const known = people.filter((keys) => keys !== undefined);
  const standings = known.length === 0 ? [] : await consent.standings(known);
  let next = 0;
  return people.map((keys) => keys && standings[next++]);
}

import type { Limits } from '../../limits.ts';
import type { Standing } from '../../model/consent.ts';
import type { DataSubjectKeys } from '../../model/data-subject.ts';
import type { ObjectView } from '../../model/decision.ts';
import type { RecordFacts } from '../../model/record-facts.ts';
import type { PersonFields } from '../../model/requirement.ts';
import type { ConsentAccess } from '../people/consent-access.ts';
import { jointStandings } from '../people/everybody.ts';
import { furtherKeys } from '../people/person.ts';
import { tellingFields, toldBy } from '../people/told-by.ts';
import { isAboutPeople, isUntold, type OwnRecord, type ToldPerson } from '../people/told-person.ts';
import { findRecords, type Sought } from './found-records.ts';
import { type OpenRecord, type RelatedTools, type Room, tellRelated } from './related-people.ts';

export interface PeopleTools extends RelatedTools {
  readonly consent: ConsentAccess;
  readonly limits: Limits;
}

/** Somebody that a request is about, as far as the CRM tells. */
export interface FoundPerson {
  /** What the request names them by. */
  readonly value: string;
  /** Somebody's record stands there. */
  readonly isThere: boolean;
  readonly view: ObjectView;
  readonly facts: RecordFacts;
  /** Undefined: it cannot be told who it is. */
  readonly keys: ToldPerson | undefined;
}

/** The facts of a record that does not exist: every field is empty. */
const NOTHING: RecordFacts = () => null;

/**
 * The people that the sought records are about: one for each record found, and one for each value without a record,
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
  if (!isAboutPeople(view)) return undefined;
  const all = await Promise.all(
    [sought, ...furtherPlaces(sought, person)].map((place) => findRecords(place, fieldsOf(view), tools)),
  );
  if (all.includes(undefined)) return undefined;
  const found = all.flatMap((some) => some ?? []);
  const told = found.map(({ id, facts }) => toldBy(view, facts, id, naming));
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
    if (folded === person?.email?.toLowerCase()) return { email: value };
    if (folded === person?.phone?.toLowerCase()) return { phone: value };
    if (folded === person?.id.toLowerCase()) return { record: naming.name(object, value) };
    const further = person?.also?.find((one) => one.field.toLowerCase() === folded);
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
  person: PersonFields | undefined,
): readonly Sought[] {
  const { email, also = [] } = person ?? {};
  if (field === undefined || field.toLowerCase() !== email?.toLowerCase()) return [];
  return also
    .filter(({ as }) => as === 'email')
    .map((further) => ({ object, field: further.field, values, isShared: true }));
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
 * From the history of a file to its version, to its document, to what that is linked to (a task), to the case that this
 * is of, and to the person. What leads further leads in a circle.
 */
const STEPS_MAX = 7;

/**
 * Reads the records that people are named by, and what records are associated with, all of an object at once, and those
 * that these name in their turn. Whoever is not found there stays untold.
 */
export async function tellOwn(people: readonly ToldPerson[], tools: PeopleTools): Promise<void> {
  const room: Room = { left: tools.limits.relatedPeopleMax };
  const tried = new Set<OwnRecord>();
  for (let step = 0; step < STEPS_MAX; step++) {
    const open = people.flatMap(openIn).filter(({ record }) => !tried.has(record));
    if (open.length === 0) return;
    for (const { record } of open) tried.add(record);
    const byKind = Map.groupBy(open, ({ who, record }) => (record === who.own ? tellOwnOf : tellRelated));
    await Promise.all(
      Array.from(byKind, ([tell, some]) => {
        const byObject = Map.groupBy(some, ({ record }) => record.object);
        return Promise.all(Array.from(byObject, ([object, alike]) => tell(object, alike, room, tools)));
      }),
    );
  }
}

/** The records that have to be read to tell who somebody is, and who else. */
function openIn(who: ToldPerson): readonly OpenRecord[] {
  const { own, through, others = [] } = who;
  const open = [own, through].flatMap((record) => (record === undefined ? [] : [{ who, record }]));
  return others.length === 0 ? open : [...open, ...others.flatMap(openIn)];
}

async function tellOwnOf(
  object: string,
  people: readonly OpenRecord[],
  _room: Room,
  tools: PeopleTools,
): Promise<void> {
  const view = tools.view.of(object);
  if (view.person === undefined && view.relatedBy === undefined) {
    // What is about nobody tells no more than its id, and what is about others no more than who they are.
    for (const { who, record } of people) {
      if (view.through === undefined) delete who.own;
      else tellAs(who, { through: { ...record } }, view);
    }
    return;
  }
  const values = [...new Set(people.map(({ record }) => record.id))];
  const found = (await findRecords({ object, values }, fieldsOf(view), tools)) ?? [];
  const toldById = new Map(
    found.flatMap(({ asked, facts }) => {
      const told = toldBy(view, facts, asked, tools.naming);
      return asked === undefined || told === undefined ? [] : [[asked, told] as const];
    }),
  );
  for (const { who, record } of people) {
    const told = toldById.get(record.id);
    if (told !== undefined) tellAs(who, told, view);
  }
}

/** What the record says holds, and of what it does not say, what was known before. */
function tellAs(
  who: ToldPerson,
  { through, others = [], ...told }: ToldPerson,
  { person }: ObjectView,
): void {
  const sealed = who.sealed?.filter(({ key, isFurther }) => isFurther || told[key] === undefined) ?? [];
  const also = [...(who.also ?? []), ...(told.also ?? [])];
  delete who.own;
  delete who.sealed;
  // A record that is about others has no person of its own.
  if (person === undefined) delete who.record;
  Object.assign(who, told, also.length === 0 ? {} : { also }, sealed.length === 0 ? {} : { sealed });
  if (through !== undefined) addOther(who, { through });
  // Several people may be told by one record.
  for (const other of others) addOther(who, { ...other });
}

function addOther(who: ToldPerson, other: ToldPerson): void {
  who.others = [...(who.others ?? []), other];
}

/** Fields that identify a person, and those that tell their consent. */
export function fieldsOf(view: ObjectView): readonly string[] {
  const { requirements = [] } = view;
  return [...new Set([...tellingFields(view), ...requirements.flatMap(({ needs }) => needs)])];
}

/**
 * The standing of each of these people, in one look-up; undefined for each that cannot be told.
 * @throws PrivetError CONSENT_UNAVAILABLE
 */
export async function standingsOf(
  people: readonly (ToldPerson | undefined)[],
  consent: ConsentAccess,
): Promise<readonly (Standing | undefined)[]> {
  const known = people.filter((keys) => keys !== undefined);
  const standings = known.length === 0 ? [] : await jointStandings(known, consent);
  let next = 0;
  return people.map((keys) => keys && standings[next++]);
}

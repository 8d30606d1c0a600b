import type { RecordCursor } from '../../media/record.ts';
import type { ObjectView, View } from '../../model/decision.ts';
import type { Operation } from '../../model/operation.ts';
import { RESTRICTION } from '../../policy/decide/restriction.ts';
import { peopleBrought, type Told } from '../current/brought-people.ts';
import { changesRecords, lookupsOf, type Target, targetsOf } from '../current/changed-records.ts';
import { type FoundPerson, findPeople, type PeopleTools, standingsOf } from '../current/found-people.ts';
import { writesRecords } from '../inspectable.ts';
import { tellingFields } from '../people/told-by.ts';
import { type WalkTools, walkBody, writtenObject } from '../record/walk-body.ts';
import { Refusal } from '../refusal.ts';

/**
 * Records of people whose processing is restricted are not changed and not deleted: the person may have asked for
 * restriction instead of erasure (GDPR Art. 18(1)(b)), or need the data for a claim (Art. 18(1)(c)). Nor are their
 * addresses and numbers written in other records, new ones included, because that is how an old list comes back.
 * @throws Refusal that says how many; PrivetError CONSENT_UNAVAILABLE
 */
export async function keepRestricted(
  operation: Operation,
  tools: PeopleTools,
  walk: WalkTools,
): Promise<void> {
  if (tools.view.of('*').restricts !== true) return;
  refuseUnread(operation, tools.view);
  const changes = changesRecords(operation);
  if (!changes && !writesRecords(operation)) return refuseTargets(askedAbout(operation), TOLD_OF, tools);
  await refuseTargets(changes ? targetsOf(operation, walk) : lookupsOf(operation), CHANGED, tools);
  await refuseTargets(belongingTo(operation, tools.view), BROUGHT, tools);
  await refuseBrought(operation, tools, walk);
}

/** Who new records would be about by what they belong to. Where that is any object, it may be each that would tell. */
function belongingTo({ belongsTo = [], objects }: Operation, view: View): readonly Target[] {
  const through = objects.flatMap((object) => view.of(object).through ?? []);
  const places = belongsTo.flatMap(({ object, id }) =>
    (object === undefined ? through : [object]).map((one) => ({ object: one, id })),
  );
  const byObject = Map.groupBy(places, ({ object }) => object);
  return Array.from(byObject, ([object, some]) => ({ object, values: some.map(({ id }) => id) }));
}

/**
 * Who a read looks up to tell something else of them, such as what they are subscribed to: no record of theirs is in
 * the answer.
 */
function askedAbout(operation: Operation): readonly Target[] {
  return lookupsOf(operation).filter(({ object }) => object !== operation.objects[0]);
}

/** What the client hears of somebody restricted, and of somebody of whom that cannot be told. */
interface Words {
  readonly restricted: string;
  readonly untold: string;
}

const CHANGED: Words = {
  restricted: 'Records that may not be changed, because their processing is restricted',
  untold: 'It cannot be told whether the processing of a record that this would change is restricted.',
};
const BROUGHT: Words = {
  restricted: 'Records of people whose processing is restricted',
  untold:
    'It cannot be told whether the processing of somebody that a new record would be about is restricted.',
};
const TOLD_OF: Words = {
  restricted: 'People about whom nothing may be told, because their processing is restricted',
  untold: 'It cannot be told whether the processing of somebody that this asks about is restricted.',
};

async function refuseTargets(all: readonly Target[], words: Words, tools: PeopleTools): Promise<void> {
  const targets = all.filter(({ object }) => tools.view.of(object).restricts === true);
  const found = await Promise.all(targets.map((target) => findTarget(target, tools)));
  const people = found.flatMap((some) => some ?? []);
  if (found.includes(undefined) || people.some(({ keys }) => keys === undefined)) {
    throw refusal(words.untold);
  }
  if (people.length === 0) return;
  const standings = await standingsOf(
    people.map(({ keys }) => keys),
    tools.consent,
  );
  const restricted = people.filter((_, index) => standings[index]?.restricted !== false);
  // One person may be named in two ways.
  const count = new Set(restricted.map(({ keys }) => JSON.stringify(keys))).size;
  if (count === 0) return;
  throw refusal(`${words.restricted}: ${count}.`);
}

/** Refuses records in a body that hold keys of restricted people. */
async function refuseBrought(operation: Operation, tools: PeopleTools, walk: WalkTools): Promise<void> {
  const { body, request } = operation;
  if (request.body === undefined || body.format !== 'json') return;
  const brought: Brought[] = [];
  let record = 0;
  walkBody(body, request.body, walk, (written) => {
    const object = writtenObject(written, operation);
    record++;
    if (tools.view.of(object).restricts !== true) return;
    for (const told of toldIn(written, tools.view.of(object), tools)) brought.push({ object, record, told });
  });
  const byObject = Map.groupBy(brought, ({ object }) => object);
  const people = await Promise.all(
    Array.from(byObject, async ([object, some]) => {
      const told = some.map((one) => one.told);
      const keys = await peopleBrought(object, told, tools);
      return some.map((one, index) => ({ record: one.record, keys: keys[index] }));
    }),
  );
  const all = people.flat();
  const standings = await standingsOf(
    all.map(({ keys }) => keys),
    tools.consent,
  );
  const restricted = all.filter((_, index) => standings[index]?.restricted !== false);
  const count = new Set(restricted.map((one) => one.record)).size;
  if (count > 0) throw refusal(`Records of people whose processing is restricted: ${count}.`);
}

interface Brought {
  readonly object: string;
  /** Its place in the body. */
  readonly record: number;
  readonly told: Told;
}

/** Field by field: where case does not count, a name may appear twice. */
function toldIn(written: RecordCursor, view: ObjectView, { adapter }: PeopleTools): readonly Told[] {
  const fold = (name: string): string => (adapter.namesIgnoreCase ? name.toLowerCase() : name);
  const keys = new Map(tellingFields(view).map((field) => [fold(field), field]));
  return Array.from({ length: written.size }, (_, index): Told[] => {
    const field = keys.get(fold(written.name(index)));
    const isText = field !== undefined && ['string', 'number'].includes(written.kind(index));
    const text = isText ? written.text(index) : '';
    return field === undefined || text === '' ? [] : [new Map([[field, text]])];
  }).flat();
}

function refusal(message: string): Refusal {
  return new Refusal({ policy: RESTRICTION, message });
}

/** The rows of an upload are inspected as they come: see `keepRestrictedRows`. */
function refuseUnread({ body, uses, route }: Operation, view: View): void {
  if (body.format !== 'opaque') return;
  const written = uses.find(
    ({ object, position }) => position === 'write' && view.of(object).restricts === true,
  );
  if (written === undefined) return;
  throw refusal(`What "${route}" writes to ${written.object} may be records whose processing is restricted.`);
}

async function findTarget(
  { values, ...by }: Target,
  tools: PeopleTools,
): Promise<readonly FoundPerson[] | undefined> {
  return values === undefined ? undefined : findPeople({ ...by, values }, tools);
}

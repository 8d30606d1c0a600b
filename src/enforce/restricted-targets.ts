import type { View } from '../model/decision.ts';
import type { Operation } from '../model/operation.ts';
import { RESTRICTION } from '../policy/restriction.ts';
import { type FoundPerson, findPeople, type PeopleTools, type Sought, standingsOf } from './found-people.ts';
import { Refusal } from './refusal.ts';
import { type WalkTools, walkBody, writtenObject } from './walk-body.ts';

/**
 * Whoever's processing is restricted is not changed and not taken away: not even erased, because the person may have asked for the one
 * instead of the other (GDPR Art. 18(1)(b)), or need the data for a claim (Art. 18(1)(c)).
 * @throws Refusal that says how many; PrivetError CONSENT_UNAVAILABLE
 */
export async function keepRestricted(
  operation: Operation,
  tools: PeopleTools,
  walk: WalkTools,
): Promise<void> {
  if (tools.view.of('*').restricts !== true) return;
  refuseUnread(operation, tools.view);
  if (!changesRecords(operation)) return;
  const targets = targetsOf(operation, walk).filter(({ object }) => tools.view.of(object).restricts === true);
  const found = await Promise.all(targets.map((target) => findTarget(target, tools)));
  const people = found.flatMap((some) => some ?? []);
  if (found.includes(undefined) || people.some(({ keys }) => keys === undefined)) {
    throw refusal(
      'It cannot be told whether the processing of a record that this would change is restricted.',
    );
  }
  if (people.length === 0) return;
  const standings = await standingsOf(
    people.map(({ keys }) => keys),
    tools.consent,
  );
  const restricted = people.filter((_, index) => standings[index]?.restricted !== false);
  // One record may be named in two ways.
  const count = new Set(restricted.map(({ keys }) => JSON.stringify(keys))).size;
  if (count === 0) return;
  throw refusal(`Records that may not be changed, because their processing is restricted: ${count}.`);
}

function refusal(message: string): Refusal {
  return new Refusal({ policy: RESTRICTION, message });
}

/** The rows of an upload are looked through as they come: see `keepRestrictedRows`. */
function refuseUnread({ body, uses, route }: Operation, view: View): void {
  if (body.format !== 'opaque') return;
  const written = uses.find(
    ({ object, position }) => position === 'write' && view.of(object).restricts === true,
  );
  if (written === undefined) return;
  throw refusal(`What "${route}" writes to ${written.object} may be records whose processing is restricted.`);
}

const CHANGING = new Set(['update', 'delete', 'merge']);

function changesRecords({ kind, otherKinds = [] }: Operation): boolean {
  return [kind, ...otherKinds].some((one) => CHANGING.has(one));
}

/** Values are undefined where a request does not tell which records it looks up. */
type Target = Omit<Sought, 'values'> & { readonly values: readonly string[] | undefined };

async function findTarget(
  { values, ...by }: Target,
  tools: PeopleTools,
): Promise<readonly FoundPerson[] | undefined> {
  return values === undefined ? undefined : findPeople({ ...by, values }, tools);
}

/** The records that a request changes, by what it names them by. */
function targetsOf(operation: Operation, walk: WalkTools): readonly Target[] {
  const { objects, recordId, targets = [], uses, body, request } = operation;
  const named = [...targets];
  if (recordId !== undefined) named.push({ object: objects[0] ?? '*', id: recordId });
  const lookups = uses.filter(({ position }) => position === 'lookup');
  const keys = lookups.flatMap(({ equals }) => equals ?? []);
  if (request.body !== undefined) {
    walkBody(body, request.body, walk, (record) => {
      const { id } = record;
      if (id === undefined) return;
      // Beside the name of a property the id is a value of that (HubSpot's `idProperty`), which is looked up itself.
      const key = keys.indexOf(id);
      if (key >= 0) keys.splice(key, 1);
      else named.push({ object: writtenObject(record, operation), id });
    });
  }
  const byId = Map.groupBy(named, ({ object }) => object);
  return [
    ...Array.from(byId, ([object, records]) => ({ object, values: records.map(({ id }) => id) })),
    ...lookups.map(({ object, field, equals }) => ({ object, field, values: equals })),
  ];
}

import { setTimeout as sleep } from 'node:timers/promises';
import { PrivetError } from '../errors.ts';
import type { ConsentEvent } from '../model/consent.ts';
import { type Change, changeOf, type Group } from './change.ts';
import type { ConsentContext } from './context.ts';
import { type FiledEvent, fileEvent } from './event.ts';
import { groupsOf } from './person/groups.ts';
import type { Identifier } from './person/identifier.ts';
import { decodePerson, distinct } from './person/person.ts';
import { isNegative } from './person/said.ts';
import { personKey } from './places.ts';
import type { AppendOutcome } from './registry.ts';

/** In every round some writer succeeds; to lose this many in a row to others is a fault. */
const ROUNDS_MAX = 32;
/** Longest pause after a conflict. Pauses begin at a millisecond, double, and are of random length. */
const PAUSE_MS_MAX = 50;

export interface AppendResult {
  readonly outcomes: readonly AppendOutcome[];
  /** True when the set of restricted people may have changed. */
  readonly restricts: boolean;
}

/**
 * In turns of `limits.consentBatchMax`, each in a constant number of round trips unless others change the same people.
 */
export async function append(
  context: ConsentContext,
  events: readonly ConsentEvent[],
): Promise<AppendResult> {
  const outcomes = Array.from<AppendOutcome>({ length: events.length }).fill('nobody');
  const filed = events.flatMap(({ who, ...statement }, index) => {
    const [first, ...others] = context.identify(who);
    return first === undefined ? [] : [{ index, event: fileEvent(statement, [first, ...others]) }];
  });
  let restricts = false;
  for (let start = 0; start < filed.length; start += context.limits.consentBatchMax) {
    const turn = filed.slice(start, start + context.limits.consentBatchMax);
    const results = new Map<FiledEvent, AppendOutcome>();
    restricts =
      (await settle(
        context,
        turn.map(({ event }) => event),
        results,
      )) || restricts;
    for (const { index, event } of turn) outcomes[index] = results.get(event) ?? 'nobody';
  }
  return { outcomes, restricts };
}

/** Appends all that can be appended, round by round. @returns whether who is restricted may have changed */
async function settle(
  context: ConsentContext,
  events: readonly FiledEvent[],
  results: Map<FiledEvent, AppendOutcome>,
): Promise<boolean> {
  let open = events;
  let restricts = false;
  const crowds: (readonly FiledEvent[])[] = [];
  for (let round = 0; open.length > 0; round++) {
    if (round === ROUNDS_MAX)
      throw new PrivetError('CONSENT_UNAVAILABLE', 'Others changed the same people all the time.');
    if (round > 0) await sleep(Math.random() * Math.min(PAUSE_MS_MAX, 2 ** round));
    const planned = (await readGroups(context, open)).map((group) => ({
      group,
      change: changeOf(context, group),
    }));
    const changes = planned.flatMap(({ group, change }) => {
      if (change === undefined) crowds.push(group.events);
      return change === undefined ? [] : [{ group, change }];
    });
    const behind = await writeAll(context, changes);
    for (const { group, change } of changes) {
      if (behind.has(group)) continue;
      restricts ||= change.restricts;
      for (const [index, event] of group.events.entries())
        results.set(event, change.outcomes[index] ?? 'nobody');
    }
    open = [...behind].flatMap((group) => group.events);
  }
  for (const crowd of crowds) restricts = (await settleCrowd(context, crowd, results)) || restricts;
  return restricts;
}

/** @returns the groups that others came between */
async function writeAll(
  { store }: ConsentContext,
  changes: readonly { readonly group: Group; readonly change: Change }[],
): Promise<ReadonlySet<Group>> {
  const writing = changes.flatMap(({ group, change: { write } }) =>
    write === undefined ? [] : [{ group, write }],
  );
  if (writing.length === 0) return new Set();
  const conflicts = await store.writeIf(writing.map(({ write }) => write));
  return new Set(writing.flatMap(({ group }, index) => (conflicts[index] === undefined ? [] : [group])));
}

/**
 * Events that together would give one person too many identifiers: appends them one by one as far as they fit. An event
 * that does not fit even alone is kept for each of its identifiers by itself if it takes something away.
 */
async function settleCrowd(
  context: ConsentContext,
  events: readonly FiledEvent[],
  results: Map<FiledEvent, AppendOutcome>,
): Promise<boolean> {
  const [only] = events;
  let restricts = false;
  if (events.length > 1 || only === undefined) {
    for (const event of events) restricts = (await settle(context, [event], results)) || restricts;
    return restricts;
  }
  if (!isNegative(only.statement)) {
    results.set(only, 'crowded');
    return false;
  }
  const parts = only.identifiers.map((identifier) => fileEvent(only.statement, [identifier]));
  const ofParts = new Map<FiledEvent, AppendOutcome>();
  for (const part of parts) restricts = (await settle(context, [part], ofParts)) || restricts;
  const isNew = [...ofParts.values()].includes('appended');
  results.set(only, isNew ? 'apart' : 'known');
  return restricts;
}

/** Groups events by the people they concern, and reads what is on record of these in one round trip. */
async function readGroups(
  { store }: ConsentContext,
  events: readonly FiledEvent[],
): Promise<readonly Group[]> {
  const identifiers = [...new Set(events.flatMap((event) => event.identifiers))];
  const values = await store.getMany([...identifiers.map(personKey), ...events.map(({ key }) => key)]);
  const documents = new Map<Identifier, Uint8Array | undefined>(
    identifiers.map((identifier, index) => [identifier, values[index]]),
  );
  const known = new Set(
    events.flatMap(({ key }, index) => (values[identifiers.length + index] === undefined ? [] : [key])),
  );
  const people = distinct(
    [...documents.values()].flatMap((value) => (value === undefined ? [] : [decodePerson(value)])),
  );
  const members = [
    ...events.map((event) => ({ identifiers: event.identifiers, event })),
    ...people.map((person) => ({ identifiers: person.identifiers, person })),
  ];
  return groupsOf(members).map((group) => {
    const own = group.flatMap((member) => ('event' in member ? [member.event] : []));
    return {
      events: own,
      people: group.flatMap((member) => ('person' in member ? [member.person] : [])),
      documents: new Map(
        own.flatMap((event) =>
          event.identifiers.map((identifier) => [identifier, documents.get(identifier)]),
        ),
      ),
      known,
    };
  });
}

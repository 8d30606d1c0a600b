import type { View } from '../../model/decision.ts';
import type { Operation } from '../../model/operation.ts';
import type { RecordFacts } from '../../model/record-facts.ts';
import type { Requirement } from '../../model/requirement.ts';
import { peopleBrought, type Told } from '../current/brought-people.ts';
import { changesRecords, type Target, targetsOf } from '../current/changed-records.ts';
import { findPeople, type PeopleTools, standingsOf } from '../current/found-people.ts';
import { writesRecords } from '../inspectable.ts';
import { tellingFields } from '../people/told-by.ts';
import type { ToldPerson } from '../people/told-person.ts';
import { type WalkTools, walkBody, writtenObject } from '../record/walk-body.ts';
import { claimed } from './claimed-consent.ts';

const UNKNOWN: RecordFacts = () => undefined;

type Whom = readonly (ToldPerson | undefined)[];

/**
 * Nobody gains a record by linking it to others, or by taking a link away: what does not meet a requirement that they
 * are bound by, such as a file, keeps the links it has. See `keepFromClaiming`.
 * @throws Refusal that says how many; PrivetError CONSENT_UNAVAILABLE
 */
export async function keepFromLinking(
  operation: Operation,
  tools: PeopleTools,
  walk: WalkTools,
): Promise<void> {
  const linking = operation.objects.flatMap((object) => tools.view.of(object).linking ?? []);
  const requirements = [...new Set(linking.flatMap((one) => one.requirements))];
  const [first] = requirements;
  const changes = changesRecords(operation);
  if (first === undefined || !(changes || writesRecords(operation))) return;
  if (isUnread(operation, tools.view)) throw claimed(first, 1);
  const { brought, relinks } = linksIn(operation, tools, walk);
  const targets = changes && relinks ? targetsOf(operation, walk) : [];
  const whom = await Promise.all([
    ...targets.filter(({ object }) => isLink(object, tools.view)).map((target) => whomAbout(target, tools)),
    ...Array.from(brought, ([object, told]) => peopleBrought(object, told, tools)),
  ]);
  const people = whom.flat();
  const standings = await standingsOf(people, tools.consent);
  const isMet = ({ unmet }: Requirement, index: number): boolean =>
    standings[index] !== undefined && unmet(UNKNOWN, standings[index]) === undefined;
  const open = requirements.find((requirement) => people.some((_, index) => !isMet(requirement, index)));
  if (open === undefined) return;
  throw claimed(open, people.filter((_, index) => !isMet(open, index)).length);
}

function isLink(object: string, view: View): boolean {
  return view.of(object).linking !== undefined;
}

/** What the rows of an upload link nobody can tell before all of them are with the CRM. */
function isUnread({ kind, body, uses }: Operation, view: View): boolean {
  const writes = uses.some(({ object, position }) => position === 'write' && isLink(object, view));
  return writes && (kind === 'bulk' || body.format === 'opaque');
}

/** A link whose people the CRM does not tell counts as one that does not meet what is required. */
async function whomAbout({ values, ...by }: Target, tools: PeopleTools): Promise<Whom> {
  const found = values === undefined ? undefined : await findPeople({ ...by, values }, tools);
  return found === undefined ? [undefined] : found.map(({ keys }) => keys);
}

interface Links {
  /** By object, what its new links link: each by the field that names it. */
  readonly brought: ReadonlyMap<string, readonly Told[]>;
  /** Links that are there are taken away, or lead elsewhere. */
  readonly relinks: boolean;
}

function linksIn(operation: Operation, { view, adapter }: PeopleTools, walk: WalkTools): Links {
  const { kind, body, request } = operation;
  const fold = (name: string): string => (adapter.namesIgnoreCase ? name.toLowerCase() : name);
  const brought = new Map<string, Told[]>();
  let relinks = kind === 'delete' || kind === 'merge';
  if (request.body === undefined) return { brought, relinks };
  walkBody(body, request.body, walk, (record) => {
    const object = writtenObject(record, operation);
    const seen = view.of(object);
    const telling = new Map(tellingFields(seen).map((field) => [fold(field), field]));
    const ends = new Map(seen.linking?.fields.map((field) => [fold(field), field]));
    for (let index = 0; index < record.size; index++) {
      const name = fold(record.name(index));
      if (telling.has(name)) relinks = true;
      const end = record.kind(index) === 'string' ? ends.get(name) : undefined;
      if (end === undefined) continue;
      brought.set(object, [...(brought.get(object) ?? []), new Map([[end, record.text(index)]])]);
    }
  });
  return { brought, relinks };
}

import type { RecordCursor } from '../../media/record.ts';
import type { View } from '../../model/decision.ts';
import type { Operation } from '../../model/operation.ts';
import type { Requirement } from '../../model/requirement.ts';
import { changesRecords, type Target, targetsOf } from '../current/changed-records.ts';
import type { PeopleTools } from '../current/found-people.ts';
import { type WalkTools, walkBody, writtenObject } from '../record/walk-body.ts';
import { Refusal } from '../refusal.ts';
import { type Claim, claimReader, requirementsOn } from './claims.ts';
import { type ClaimsOn, findGained, type Gained } from './gained-records.ts';

/**
 * Nobody gains a record by their own word. In a record that does not meet what is required of a principal, they may
 * write neither the CRM's own consent field nor who the record is about, which associations may tell, and they may not
 * merge it with another. They may always write that somebody has not agreed, because it must be as easy to withdraw as
 * to agree (GDPR Art. 7(3)), and may make new records, because they know what they write.
 * @throws Refusal that says how many; PrivetError CONSENT_UNAVAILABLE
 */
export async function keepFromClaiming(
  operation: Operation,
  tools: PeopleTools,
  walk: WalkTools,
): Promise<void> {
  if (requirementsOn(tools.view, '*').length === 0 || !changesRecords(operation)) return;
  const { targets, claims } = claimedIn(operation, tools, walk);
  const required = targets.filter(({ object }) => requirementsOn(tools.view, object).length > 0);
  const found = await Promise.all(
    required.map(async ({ values, ...by }): Promise<Gained> => {
      const [requirement] = requirementsOn(tools.view, by.object);
      // Nobody can tell which record it is, but it is one.
      if (values === undefined) return { values: [''], requirement };
      return findGained({ ...by, values }, claims, tools);
    }),
  );
  const gained = found.filter(({ values }) => values.length > 0);
  const count = gained.reduce((sum, { values }) => sum + values.length, 0);
  if (count > 0) throw claimed(gained[0]?.requirement, count);
}

/** What the client hears. */
export function claimed(requirement: Requirement | undefined, count: number): Refusal {
  const { policy = 'require', purpose = 'this' } = requirement ?? {};
  const message = `Whether somebody has agreed to ${purpose} may not be recorded by those who need it to see records. Records of people who are not known to have agreed: ${count}.`;
  return new Refusal({ policy, message });
}

interface Claimed {
  readonly targets: readonly Target[];
  readonly claims: ClaimsOn;
}

const NOTHING: Claimed = { targets: [], claims: () => [] };

function claimedIn(operation: Operation, tools: PeopleTools, walk: WalkTools): Claimed {
  const { kind, body, request, relates } = operation;
  if (relates === true) return { targets: toldAnew(operation, tools, walk), claims: () => undefined };
  if (kind === 'merge') return { targets: targetsOf(operation, walk), claims: () => undefined };
  if (body.format === 'opaque') return writesRequired(operation, tools.view) ? UNREAD : NOTHING;
  if (request.body === undefined) return NOTHING;
  const named = new Map<string, readonly Claim[]>();
  const others: Claim[] = [];
  walkBody(body, request.body, walk, (record) => {
    const claims = claimsIn(record, writtenObject(record, operation), tools);
    // A record that the body does not name is named by the path, or by a key.
    if (record.id === undefined) others.push(...claims);
    else named.set(record.id, [...(named.get(record.id) ?? []), ...claims]);
  });
  if ([others, ...named.values()].every(({ length }) => length === 0)) return NOTHING;
  return { targets: targetsOf(operation, walk), claims: (value) => named.get(value) ?? others };
}

/** The records of which it changes who they are about: it puts them together with what tells that. */
function toldAnew(operation: Operation, { adapter, view }: PeopleTools, walk: WalkTools): readonly Target[] {
  const ends = new Set(operation.objects);
  const isEnd = (name: string): boolean => ends.has('*') || ends.has(adapter.object(name) ?? name);
  return targetsOf(operation, walk).filter(({ object }) => view.of(object).through?.some(isEnd));
}

/** Nobody can tell of which records something is written. */
const UNREAD: Claimed = { targets: [{ object: '*', values: undefined }], claims: () => [] };

function writesRequired({ uses }: Operation, view: View): boolean {
  return uses.some(({ object, position }) => position === 'write' && requirementsOn(view, object).length > 0);
}

function claimsIn(record: RecordCursor, object: string, tools: PeopleTools): readonly Claim[] {
  const read = claimReader(requirementsOn(tools.view, object), tools);
  return Array.from({ length: record.size }, (_, index) => {
    const kind = record.kind(index);
    const isText = kind !== 'null' && kind !== 'container' && kind !== 'records';
    return read(record.name(index), isText ? record.text(index) : '');
  }).flat();
}

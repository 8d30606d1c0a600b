import type { RecordFacts } from '../../model/record-facts.ts';
import type { ConsentGap, Requirement } from '../../model/requirement.ts';
import { standingIn } from '../answer/found-out.ts';
import { type CurrentRecord, revealCurrent } from '../current/current-values.ts';
import { fieldsOf, type PeopleTools, standingsOf, toldOwn } from '../current/found-people.ts';
import { findRecords, type Sought } from '../current/found-records.ts';
import { toldBy } from '../people/told-by.ts';
import { type Claim, requirementsOn } from './claims.ts';

/**
 * What is claimed of the record that a value names; undefined: it is merged with another, and nobody knows what it says
 * then.
 */
export type ClaimsOn = (value: string) => readonly Claim[] | undefined;

/** The values under which records stand that would come to meet what is required, and what that is. */
export interface Gained {
  readonly values: readonly string[];
  readonly requirement: Requirement | undefined;
}

/** A record of which something would change. */
interface Changed {
  /** What names it: which of several values it stands under is not always told. */
  readonly under: readonly string[];
  readonly id: string | undefined;
  readonly facts: RecordFacts;
  readonly claims: readonly Claim[] | undefined;
}

/**
 * Of the sought records, those that do not meet what is required as they stand, and would by what is claimed. One whose
 * own field is claimed to say yes always would: that is on record, too.
 * @throws PrivetError CONSENT_UNAVAILABLE
 */
export async function findGained(sought: Sought, claimsOn: ClaimsOn, tools: PeopleTools): Promise<Gained> {
  const requirements = requirementsOn(tools.view, sought.object);
  const needs = requirements.flatMap((requirement) => requirement.needs);
  const fields = [...new Set([...fieldsOf(tools.view.of(sought.object)), ...needs])];
  const found = await findRecords(sought, fields, tools);
  if (found === undefined) return { values: sought.values, requirement: requirements[0] };
  const changed = found.flatMap(({ asked, id, facts }): Changed[] => {
    const under = asked === undefined ? sought.values : [asked];
    const claims = changesIn(under.map(claimsOn), facts);
    return claims?.length === 0 ? [] : [{ under, id, facts, claims }];
  });
  const written = await revealClaims(changed, sought.object, tools);
  const by = { ...sought, requirements };
  const [before, after] = await Promise.all([
    gapsOf(changed, ({ facts }) => facts, by, tools),
    gapsOf(changed, (one, index) => factsAfter(one, written.get(String(index))), by, tools),
  ]);
  const gained = changed.flatMap((one, index) => {
    const open = before[index] ?? [];
    const requirement = open.find(({ requirement: own }) => gains(one, own, after[index] ?? []))?.requirement;
    return requirement === undefined ? [] : [{ under: one.under, requirement }];
  });
  const values = new Set(gained.flatMap(({ under }) => under));
  return { values: [...values], requirement: gained[0]?.requirement };
}

function changesIn(all: readonly ReturnType<ClaimsOn>[], facts: RecordFacts): Changed['claims'] {
  if (all.includes(undefined)) return undefined;
  return all.flatMap((claims) => claims ?? []).filter(({ field, text }) => (facts(field) ?? '') !== text);
}

/** @param after what is not met afterwards, and why */
function gains({ claims }: Changed, requirement: Requirement, after: readonly Gap[]): boolean {
  if (claims === undefined) return true;
  const gap = after.find((one) => one.requirement === requirement)?.gap;
  return (
    gap === undefined || gap === 'untold' || claims.some(({ field }) => field === requirement.flag?.field)
  );
}

interface Gap {
  readonly requirement: Requirement;
  readonly gap: ConsentGap;
}

/** What each of these records does not meet. */
async function gapsOf(
  records: readonly Changed[],
  factsOf: (record: Changed, index: number) => RecordFacts,
  { object, requirements }: Sought & { readonly requirements: readonly Requirement[] },
  tools: PeopleTools,
): Promise<readonly (readonly Gap[])[]> {
  const view = tools.view.of(object);
  const facts = records.map(factsOf);
  const told = records.map(({ id }, index) => toldBy(view, facts[index] ?? UNKNOWN, id, tools.naming));
  const standings = await standingsOf(await toldOwn(told, tools), tools.consent);
  return records.map((_, index) => {
    const standing = standingIn(view, { standing: standings[index] });
    return requirements.flatMap((requirement) => {
      const gap = requirement.unmet(facts[index] ?? UNKNOWN, standing);
      return gap === undefined ? [] : [{ requirement, gap }];
    });
  });
}

const UNKNOWN: RecordFacts = () => undefined;

/** Somebody may send back the token of an address. By the places of the records. */
function revealClaims(
  changed: readonly Changed[],
  object: string,
  { view, vault }: Pick<PeopleTools, 'view' | 'vault'>,
): Promise<ReadonlyMap<string, CurrentRecord>> {
  const written = changed.map(
    ({ claims = [] }, index) =>
      [String(index), new Map(claims.map(({ field, text }) => [field, text]))] as const,
  );
  return revealCurrent(written, object, view, vault);
}

/** What would stand in a record. What is claimed in two ways is not known. */
function factsAfter({ facts, claims = [] }: Changed, written: CurrentRecord | undefined): RecordFacts {
  return (field) => {
    const texts = new Set(claims.filter((claim) => claim.field === field).map(({ text }) => text));
    if (texts.size > 1) return undefined;
    return texts.size === 0 ? facts(field) : String(written?.get(field)?.value ?? '');
  };
}

import type { Standing } from '../../model/consent.ts';
import type { DataSubjectKeys } from '../../model/data-subject.ts';
import type { View } from '../../model/decision.ts';
import type { Operation, Recipient } from '../../model/operation.ts';
import type { RecordFacts } from '../../model/record-facts.ts';
import type { Requirement } from '../../model/requirement.ts';
import { RESTRICTION } from '../../policy/decide/restriction.ts';
import { type FoundPerson, findPeople, type PeopleTools, standingsOf } from '../current/found-people.ts';
import { hasObjected, MARKETING, OBJECTION } from '../people/objection.ts';
import { Refusal } from '../refusal.ts';

/** One of the people that a recipient may mean, with the requirements on them. */
interface Candidate {
  readonly recipient: number;
  readonly keys: DataSubjectKeys | undefined;
  readonly facts: RecordFacts;
  readonly requirements: readonly Requirement[];
}

/**
 * Keeps a send from reaching people who lack the required consent, are restricted, or have objected to marketing. An
 * address counts for everybody who has it.
 * @throws Refusal that says how many, and names nobody; PrivetError CONSENT_UNAVAILABLE
 */
export async function keepFromSending(operation: Operation, tools: PeopleTools): Promise<void> {
  const { recipients } = operation;
  if (recipients === undefined) return;
  const asked = askedOf(operation, tools.view);
  if (asked === undefined) return;
  if (recipients.untold && asked.everybody) throw untold(asked);
  const candidates = await candidatesFor(recipients.named, asked, operation, tools);
  if (candidates === undefined) throw untold(asked);
  const standings = await standingsOf(
    candidates.map(({ keys }) => keys),
    tools.consent,
  );
  const sum = recipients.named.length;
  const count = (isMeant: (candidate: Candidate, standing: Standing | undefined) => boolean): number =>
    new Set(candidates.filter((one, index) => isMeant(one, standings[index])).map((one) => one.recipient))
      .size;

  const restricted = asked.restricts ? count((_, standing) => standing?.restricted !== false) : 0;
  refuseSome(restricted, sum, RESTRICTION, 'may not be written to: their processing is restricted.');
  for (const purpose of asked.marketing) {
    const objected = count((_, standing) => hasObjected(standing, purpose));
    refuseSome(objected, sum, OBJECTION, `may not be written to for ${purpose}: they have objected.`);
  }
  for (const { policy, purpose } of asked.requirements) {
    const without = count(({ requirements, facts }, standing) =>
      requirements.some((one) => one.policy === policy && one.unmet(facts, standing) !== undefined),
    );
    refuseSome(without, sum, policy, `have not agreed to ${purpose}.`);
  }
}

/** What has to be asked about recipients. */
interface Asked {
  /** Everybody reached must be known; otherwise those who are named. */
  readonly everybody: boolean;
  readonly restricts: boolean;
  readonly marketing: readonly string[];
  readonly requirements: readonly Requirement[];
}

/** Undefined: nothing. */
function askedOf({ objects, recipients }: Operation, view: View): Asked | undefined {
  const views = [...new Set([...objects, '*'])].map((object) => view.of(object));
  const requirements = new Map(
    views.flatMap(({ requirements = [] }) => requirements.map((one) => [one.policy, one])),
  );
  const { marketing = [] } = view;
  const restricts = views.some((one) => one.restricts === true);
  const everybody = restricts || marketing.length > 0 || requirements.size > 0;
  const isMarketing = recipients?.isMarketing === true && recipients.named.length > 0;
  if (!everybody && !isMarketing) return undefined;
  return {
    everybody,
    restricts,
    marketing: marketing.length === 0 && isMarketing ? [MARKETING] : marketing,
    requirements: [...requirements.values()],
  };
}

function refuseSome(some: number, of: number, policy: string, what: string): void {
  if (some > 0) throw new Refusal({ policy, message: `${some} of ${of} recipients ${what}` });
}

function untold({ restricts, requirements }: Asked): Refusal {
  const [first] = requirements;
  return new Refusal({
    policy: restricts ? RESTRICTION : (first?.policy ?? OBJECTION),
    message: 'It cannot be told who receives this, so neither can it be told whether they may be written to.',
  });
}

/** Everybody who may be meant; undefined when the CRM does not tell. */
async function candidatesFor(
  recipients: readonly Recipient[],
  { everybody }: Asked,
  operation: Operation,
  tools: PeopleTools,
): Promise<readonly Candidate[] | undefined> {
  const bare = bareRequirements(operation, tools.view);
  const candidates: Candidate[] = [];
  for (const [index, recipient] of recipients.entries()) {
    if ('phone' in recipient) candidates.push({ recipient: index, keys: recipient, ...bare });
  }
  for (const { object, field, index } of byPlace(recipients)) {
    const sought = { object, ...(field === undefined ? {} : { field }), values: [...index.keys()] };
    const found = await findPeople(sought, tools);
    if (found !== undefined) candidates.push(...found.flatMap((person) => meant(person, index)));
    else if (everybody || tools.view.of(object).person !== undefined) return undefined;
    // No data map says who is behind the record, so they are known by its id alone, if at all.
    else if (field === undefined)
      for (const [id, recipient] of index)
        candidates.push({ recipient, keys: { record: tools.naming.name(object, id) }, ...bare });
  }
  const addresses = byAddress(recipients);
  for (const object of addresses.size === 0 ? [] : operation.objects) {
    const field = tools.view.of(object).person?.email;
    if (field === undefined) continue;
    const found = await findPeople({ object, field, values: [...addresses.keys()] }, tools);
    if (found === undefined) return undefined;
    candidates.push(...found.filter(({ isThere }) => isThere).flatMap((person) => meant(person, addresses)));
  }
  const known = new Set(candidates.map(({ recipient }) => recipient));
  const strangers = recipients.flatMap((recipient, index): Candidate[] =>
    'email' in recipient && !known.has(index) ? [{ recipient: index, keys: recipient, ...bare }] : [],
  );
  return [...candidates, ...strangers];
}

/** The requirements on a recipient without a record: only the registry can meet them. */
function bareRequirements({ objects }: Operation, view: View): Pick<Candidate, 'facts' | 'requirements'> {
  const requirements = objects.flatMap((object) => view.of(object).requirements ?? []);
  return { facts: () => null, requirements };
}

function meant({ value, view, facts, keys }: FoundPerson, index: ReadonlyMap<string, number>): Candidate[] {
  const recipient = index.get(value);
  return recipient === undefined ? [] : [{ recipient, keys, facts, requirements: view.requirements ?? [] }];
}

/** Records of one object that are named alike, each with its place among the recipients. */
interface Place {
  readonly object: string;
  readonly field: string | undefined;
  readonly index: Map<string, number>;
}

function byPlace(recipients: readonly Recipient[]): readonly Place[] {
  const places = new Map<string, Place>();
  for (const [position, recipient] of recipients.entries()) {
    if (!('object' in recipient)) continue;
    const { object, field, id } = recipient;
    const key = JSON.stringify([object, field]);
    const place = places.get(key) ?? { object, field, index: new Map<string, number>() };
    place.index.set(id, position);
    places.set(key, place);
  }
  return [...places.values()];
}

function byAddress(recipients: readonly Recipient[]): ReadonlyMap<string, number> {
  return new Map(
    recipients.flatMap((recipient, index) =>
      'email' in recipient ? [[recipient.email, index] as const] : [],
    ),
  );
}

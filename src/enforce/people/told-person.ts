import type { Standing } from '../../model/consent.ts';
import type { DataSubjectKeys, FurtherKey } from '../../model/data-subject.ts';
import type { ObjectView } from '../../model/decision.ts';
import type { RecordFacts } from '../../model/record-facts.ts';
import { looksLikeToken } from '../../vault/token/token.ts';
import type { VaultAccess } from '../stored/vault-access.ts';
import type { ConsentAccess } from './consent-access.ts';
import { jointStandings } from './everybody.ts';
import { keysOf, type Naming } from './person.ts';

/** An address or number that the CRM keeps as a token. */
interface SealedKey {
  readonly key: 'email' | 'phone';
  /** It is not the one by which people are mostly known. */
  readonly isFurther: boolean;
  readonly domain: string;
  readonly token: string;
}

/** The person's own record, which may hold more of their keys. */
export interface OwnRecord {
  readonly object: string;
  readonly id: string;
}

/**
 * A person as a record tells of them. With sealed keys, they are known only when the tokens are resolved; with a record
 * of their own, only when that has been read. Both complete the object in place.
 *
 * A record may be about others as well, and about them alone. With `through` they are known only when it has been read
 * what this record is associated with.
 */
export type ToldPerson = { -readonly [Key in keyof DataSubjectKeys]: DataSubjectKeys[Key] } & {
  sealed?: readonly SealedKey[];
  own?: OwnRecord;
  through?: OwnRecord;
  others?: readonly ToldPerson[];
};

/** Reads people's own records, and completes them in place. */
export type TellOwn = (people: readonly ToldPerson[]) => Promise<void>;

/**
 * The people a record is about, with tokens not yet resolved; undefined when they cannot be told.
 * @param texts facts of the record as it stands, with its tokens
 */
export function toldPerson(
  view: ObjectView,
  texts: RecordFacts,
  recordId: () => string | undefined,
  naming: Naming,
): ToldPerson | undefined {
  if (!isAboutPeople(view)) return undefined;
  const told = personIn(view, texts, recordId, naming);
  if (view.through === undefined) return told;
  const ownId = view.ownId === undefined ? undefined : texts(view.ownId);
  return withOthers(view, told, ownId ?? recordId());
}

/** Whether records are about people, by whatever is in them or what they belong to. */
export function isAboutPeople({ person, through, relatedBy }: ObjectView): boolean {
  return person !== undefined || through !== undefined || relatedBy !== undefined;
}

/** The same with those that the record is about through others. @param id its own; undefined: not known */
export function withOthers(
  { object, through }: ObjectView,
  told: ToldPerson | undefined,
  id: string | undefined,
): ToldPerson | undefined {
  if (through === undefined) return told;
  return told === undefined || id === undefined ? undefined : { ...told, through: { object, id } };
}

function personIn(
  view: ObjectView,
  texts: RecordFacts,
  recordId: () => string | undefined,
  naming: Naming,
): ToldPerson | undefined {
  const { person, stored } = view;
  const sealed: SealedKey[] = [];
  const facts: RecordFacts = (field) => {
    const text = texts(field);
    const as = stored?.(field);
    if (as === undefined || text === undefined || text === null || text === '') return text;
    const further = person?.also?.find((one) => one.field === field)?.as;
    if (field === person?.id || typeof further === 'object') return undefined;
    const key = further ?? (field === person?.email ? 'email' : 'phone');
    sealed.push({ key, isFurther: further !== undefined, domain: as.domain, token: text });
    return null;
  };
  const keys = person === undefined ? {} : keysOf(view, facts, recordId, naming);
  const own = ownRecord(view, facts, recordId, { naming, isTold: keys !== undefined });
  const others = relatedIn(view, facts, naming);
  if (others === undefined || (own === undefined && keys === undefined)) return undefined;
  const more = { ...(sealed.length === 0 ? {} : { sealed }), ...(others.length === 0 ? {} : { others }) };
  if (own === undefined) return { ...keys, ...more };
  return { ...(keys ?? { record: naming.name(own.object, own.id) }), ...more, own };
}

/**
 * Whoever the records are about that fields name by their ids; undefined: a field is not known. Ids that do not tell
 * their object lead to nobody, and so do those of users.
 */
export function relatedIn(
  { relatedBy = [] }: ObjectView,
  facts: RecordFacts,
  naming: Naming,
): readonly ToldPerson[] | undefined {
  const others: ToldPerson[] = [];
  for (const field of relatedBy) {
    const id = facts(field);
    if (id === undefined) return undefined;
    const object = id === null || id === '' ? undefined : naming.objectOf(id);
    const isOfNobody = object === undefined || object === naming.userObject;
    if (!isOfNobody && id !== null) others.push({ own: { object, id } });
  }
  return others;
}

/**
 * The person's own record, when the record that names it does not hold address and number; undefined when it holds
 * them, or when the own record cannot be told.
 * @param isTold all existing keys are known
 */
export function ownRecord(
  { object, person }: ObjectView,
  facts: RecordFacts,
  recordId: () => string | undefined,
  { naming, isTold }: { readonly naming: Naming; readonly isTold: boolean },
): OwnRecord | undefined {
  if (person === undefined) return undefined;
  const isOwn = naming.isOwnId(person.id);
  const saysAll = isOwn || (person.email !== undefined && person.phone !== undefined);
  if (isTold && saysAll) return undefined;
  const id = facts(person.id) ?? (isOwn ? recordId() : undefined);
  if (id === undefined || id === '') return undefined;
  const named = isOwn ? object : naming.objectOf(id);
  return named === undefined ? undefined : { object: named, id };
}

/**
 * Looks up standings of people, after resolving their tokens and reading their own records where needed, each at once
 * for all people; what is read is shown to nobody. Undefined for each that still cannot be told.
 */
export function askTold(
  consent: ConsentAccess,
  vault: VaultAccess,
  tellOwn: TellOwn,
): { readonly standings: (people: readonly ToldPerson[]) => Promise<readonly (Standing | undefined)[]> } {
  return {
    standings: async (people) => {
      const untold = people.filter(isUntold);
      if (untold.length === 0) return jointStandings(people, consent);
      await tellOwn(untold);
      await openAll(untold, vault);
      const told = people.filter((person) => !isUntold(person));
      const standings = told.length === 0 ? [] : await jointStandings(told, consent);
      let next = 0;
      return people.map((person) => (isUntold(person) ? undefined : standings[next++]));
    },
  };
}

export function isUntold({ sealed, own, through, others }: ToldPerson): boolean {
  const isOpen = sealed !== undefined || own !== undefined || through !== undefined;
  return isOpen || others?.some(isUntold) === true;
}

async function openAll(people: readonly ToldPerson[], vault: VaultAccess): Promise<void> {
  const keys = people.flatMap(({ sealed = [] }) => sealed);
  if (keys.length === 0) return;
  const found = await vault.detokenize(keys);
  let next = 0;
  for (const person of people) {
    let isOpen = true;
    for (const { key, isFurther, token } of person.sealed ?? []) {
      const one = found[next++];
      const isValue =
        one !== undefined && 'failed' in one && one.failed === 'unknown' && !looksLikeToken(token);
      // A value from before its field was stored is no token.
      const value = one !== undefined && 'value' in one ? one.value : isValue ? token : undefined;
      if (value === undefined) isOpen = false;
      else if (isFurther) person.also = [...(person.also ?? []), furtherKey(key, value)];
      else person[key] = value;
    }
    if (isOpen) delete person.sealed;
  }
}

function furtherKey(key: SealedKey['key'], value: string): FurtherKey {
  return key === 'email' ? { email: value } : { phone: value };
}

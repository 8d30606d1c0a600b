import type { Standing } from '../model/consent.ts';
import type { DataSubjectKeys } from '../model/data-subject.ts';
import type { ObjectView } from '../model/decision.ts';
import type { RecordFacts } from '../model/record-facts.ts';
import { looksLikeToken } from '../vault/token.ts';
import type { ConsentAccess } from './consent-access.ts';
import { keysOf, type Naming } from './person.ts';
import type { VaultAccess } from './vault-access.ts';

/** An address or number of which the CRM keeps a token. */
interface SealedKey {
  readonly key: 'email' | 'phone';
  readonly domain: string;
  readonly token: string;
}

/** A person as a record tells of them. Who has something sealed cannot be told before it has been opened, and is then told in place. */
export type ToldPerson = { -readonly [Key in keyof DataSubjectKeys]: DataSubjectKeys[Key] } & {
  sealed?: readonly SealedKey[];
};

/**
 * How the person a record is about is known, tokens and all; undefined where it cannot be told.
 * @param texts facts of the record as it stands, with its tokens
 */
export function toldPerson(
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
    if (field === person?.id) return undefined;
    sealed.push({ key: field === person?.email ? 'email' : 'phone', domain: as.domain, token: text });
    return null;
  };
  const keys = keysOf(view, facts, recordId, naming);
  return keys === undefined || sealed.length === 0 ? keys : { ...keys, sealed };
}

/**
 * Where people stand, of whom the CRM may keep tokens: these are led back to their values, all in one go, and shown to nobody.
 * Undefined for whoever cannot be told even so.
 */
export function askTold(
  consent: ConsentAccess,
  vault: VaultAccess,
): { readonly standings: (people: readonly ToldPerson[]) => Promise<readonly (Standing | undefined)[]> } {
  return {
    standings: async (people) => {
      const sealed = people.filter(isSealed);
      if (sealed.length === 0) return consent.standings(people);
      await openAll(sealed, vault);
      const told = people.filter((person) => !isSealed(person));
      const standings = told.length === 0 ? [] : await consent.standings(told);
      let next = 0;
      return people.map((person) => (isSealed(person) ? undefined : standings[next++]));
    },
  };
}

export function isSealed({ sealed }: ToldPerson): boolean {
  return sealed !== undefined;
}

async function openAll(people: readonly ToldPerson[], vault: VaultAccess): Promise<void> {
  const keys = people.flatMap(({ sealed = [] }) => sealed);
  const found = await vault.detokenize(keys);
  let next = 0;
  for (const person of people) {
    let isOpen = true;
    for (const { key, token } of person.sealed ?? []) {
      const one = found[next++];
      const isValue =
        one !== undefined && 'failed' in one && one.failed === 'unknown' && !looksLikeToken(token);
      // What stood in the CRM before its field was stored is no token.
      const value = one !== undefined && 'value' in one ? one.value : isValue ? token : undefined;
      if (value === undefined) isOpen = false;
      else person[key] = value;
    }
    if (isOpen) delete person.sealed;
  }
}

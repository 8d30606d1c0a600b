import { type Clock, systemClock } from '../clock.ts';
import type { ConsentFeed } from '../consent/feed.ts';
import type { Limits } from '../limits.ts';
import { NameTable } from '../media/name-table.ts';
import type { ObjectView } from '../model/decision.ts';
import type { Mode, Posture } from '../model/posture.ts';
import { DETECTORS } from '../model/treatment.ts';
import { compileTransform } from '../transform/compile.ts';
import { scanText } from '../transform/scan/scan-text.ts';
import { createKeyedHash } from '../vault/keys/keyed-hash.ts';
import { FIRST_VERSION, type Keyring } from '../vault/keys/keyring.ts';
import { createAuditPseudonym } from './audit-pseudonym.ts';
import { createCountedNames } from './limits/counted-names.ts';
import { createPseudonyms, type PseudonymsOf } from './limits/pseudonyms.ts';
import { type BudgetAccess, guardBudget } from './limits/reading-limits.ts';
import { createVaultAllowance, type VaultAllowance } from './limits/vault-allowance.ts';
import { createLocatorSeal, type LocatorSeal } from './locator.ts';
import { type ConsentAccess, guardConsent } from './people/consent-access.ts';
import type { KnownAdapters } from './people/person.ts';
import { createToldPeople } from './people/told-people.ts';
import { createObjectPlans, type ObjectPlan } from './record/object-plan.ts';
import { guardVault, type VaultAccess } from './stored/vault-access.ts';

/** What enforcement needs for every request: built once. */
export interface Enforcement {
  readonly mode: Mode;
  readonly posture: Posture;
  readonly limits: Limits;
  readonly names: NameTable;
  readonly plans: (view: ObjectView) => ObjectPlan;
  readonly seal: LocatorSeal;
  /** Keyed HMACs of data subjects' ids. */
  readonly pseudonyms: PseudonymsOf;
  readonly vault: VaultAccess;
  readonly consent: ConsentAccess;
  readonly adapters: KnownAdapters;
  /** People of recent records, by upstream. */
  readonly people: ReturnType<typeof createToldPeople>;
  readonly feed: ConsentFeed;
  readonly clock: Clock;
  /** How many values of the vault a principal may see. */
  readonly allowance: VaultAllowance;
  /** How many records a principal may read. */
  readonly readingBudget: BudgetAccess;
  readonly countedNames: ReturnType<typeof createCountedNames>;
  /** Redacts what every detector finds in a text of the CRM. */
  readonly scan: (text: string) => string;
}

export interface EnforcementOptions {
  readonly mode: Mode;
  readonly posture: Posture;
  readonly limits: Limits;
  /** Without `versions`, locators are opened with the active key alone. */
  readonly keyring: Pick<Keyring, 'derive'> & Partial<Pick<Keyring, 'versions'>>;
  /** Left out: requests that need it are refused. */
  readonly vault?: VaultAccess;
  /** Left out: requests that need it are refused. */
  readonly registry?: ConsentAccess;
  /** Left out: the CRM's own consent fields are not observed. */
  readonly feed?: ConsentFeed;
  /** Left out: answers that have to be counted are refused. */
  readonly readingBudget?: BudgetAccess;
  readonly clock?: Clock;
  /** Left out: no record names one of another upstream. */
  readonly adapters?: KnownAdapters;
}

/** Where nobody hears. */
const UNHEARD: ConsentFeed = {
  observe: () => undefined,
  lately: () => ({ has: () => true, version: () => 0 }),
};

/**
 * Builds what enforcement needs for every request: each use of a key has a key of its own. Hashes outlive every
 * rotation of the ring, because people compare them over years. Locators live for minutes.
 */
export function createEnforcement({
  mode,
  posture,
  limits,
  keyring,
  vault,
  registry,
  feed = UNHEARD,
  readingBudget,
  clock = systemClock,
  adapters = new Map(),
}: EnforcementOptions): Enforcement {
  const budget = guardBudget(readingBudget);
  const hashOf = new Map<string, (text: string) => string>();
  const hash = (field: string, text: string): string => {
    let own = hashOf.get(field);
    if (own === undefined) {
      own = createKeyedHash(keyring.derive(`hash ${field}`, FIRST_VERSION), {
        cacheMax: limits.keyedHashCacheMax,
      });
      hashOf.set(field, own);
    }
    return own(text);
  };
  return {
    mode,
    posture,
    limits,
    names: new NameTable(limits.namesMax),
    plans: createObjectPlans((view) => compileTransform(view.treatment, { field: view.field, hash, limits })),
    seal: createLocatorSeal(
      keyring.derive('locator'),
      (keyring.versions ?? []).map(({ version }) => keyring.derive('locator', version)),
    ),
    pseudonyms: createPseudonyms(createAuditPseudonym(keyring), limits.keyedHashCacheMax),
    vault: guardVault(vault),
    consent: guardConsent(registry),
    adapters,
    people: createToldPeople(limits.consentPeopleCacheMax),
    feed,
    clock,
    allowance: createVaultAllowance(clock, limits.detokenizedPerMinuteMax),
    readingBudget: budget,
    countedNames: createCountedNames(budget, limits.keyedHashCacheMax),
    scan: (text) => scanText(text, DETECTORS, limits),
  };
}

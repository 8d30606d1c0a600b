import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { consentReading } from '../app/consent.ts';
import { ringPlace } from '../app/keyring.ts';
import type { Plan } from '../app/plan.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { standings } from '../consent/look-up.ts';
import type { ConsentRegistry } from '../consent/registry.ts';
import { isAnyRestricted } from '../consent/restrictions.ts';
import { createEnforcement, type Enforcement } from '../enforce/enforcement.ts';
import { NOTHING_ON_RECORD } from '../model/consent.ts';
import type { DecisionFacts } from '../model/decision.ts';
import { hasEmbedded } from '../store/embedded.ts';
import { RedisAway } from '../store/redis-away.ts';
import { type Keyring, openKeyring } from '../vault/keys/keyring.ts';
import { compareRing } from '../vault/upkeep/ring-check.ts';
import { UNSPENT } from '../verify/unspent-budget.ts';
import { readVaultStore } from './vault-store.ts';

/** What `privet try` needs to decide on a request without a server. */
export interface Trial {
  readonly enforcement: Enforcement;
  readonly facts: DecisionFacts;
  /** Why consent is not known, in a line for people. */
  readonly remark?: string;
  readonly close: () => Promise<void>;
}

/**
 * Enforcement that writes nothing. It uses the existing ring and consent registry, also beside a running Privet. Before
 * the first start it uses keys made for this run and an empty registry. Nothing of a reading budget is spent.
 * @throws PrivetError KEYRING_UNUSABLE when the store was filled with another ring
 */
export async function openTrial({ config, adapters }: Plan): Promise<Trial> {
  const place = ringPlace(config);
  const keyring = existsSync(place.ring) ? await openKeyring(place) : undefined;
  const { registry, anyRestricted, ...rest } = await lookAtConsent(config, keyring);
  const keys = keyring ?? { derive: () => randomBytes(32) };
  return {
    enforcement: createEnforcement({
      ...config,
      adapters,
      keyring: keys,
      readingBudget: UNSPENT,
      ...(registry && { registry }),
    }),
    facts: { now: systemClock(), anyRestricted },
    ...rest,
  };
}

interface ConsentLook extends Pick<Trial, 'remark' | 'close'> {
  /** Undefined: it cannot be read, so what needs it is refused. */
  readonly registry: Pick<ConsentRegistry, 'standings'> | undefined;
  readonly anyRestricted: boolean;
}

async function lookAtConsent(config: Config, keyring: Keyring | undefined): Promise<ConsentLook> {
  if (keyring === undefined) return nobody('there is no keyring yet');
  if (config.store.redis === undefined && !hasEmbedded(config.store.embedded))
    return nobody('there is no store yet');
  try {
    return await readConsent(config, keyring);
  } catch (error) {
    if (!(error instanceof RedisAway)) throw error;
    const remark =
      'consent registry: its Redis cannot be reached, so everybody counts as possibly restricted and what needs it is refused';
    return { registry: undefined, anyRestricted: true, remark, close: () => Promise.resolve() };
  }
}

async function readConsent(config: Config, keyring: Keyring): Promise<ConsentLook> {
  const store = await readVaultStore(config);
  try {
    await compareRing({ store, keyring });
    const reading = consentReading(config, keyring, store);
    const anyRestricted = await isAnyRestricted(store, reading.clock);
    const registry = { standings: standings.bind(undefined, reading) };
    return { registry, anyRestricted, close: store.close };
  } catch (error) {
    await store.close();
    throw error;
  }
}

function nobody(why: string): ConsentLook {
  return {
    registry: { standings: (people) => Promise.resolve(people.map(() => NOTHING_ON_RECORD)) },
    anyRestricted: false,
    remark: `consent registry: ${why}, so everybody counts as unknown and nobody as restricted`,
    close: () => Promise.resolve(),
  };
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { consentOptions } from '../../../src/app/consent.ts';
import { ringPlace } from '../../../src/app/keyring.ts';
import { planHouse } from '../../../src/app/plan.ts';
import { openConsentRegistry } from '../../../src/consent/open-registry.ts';
import type { ConsentEvent } from '../../../src/model/consent.ts';
import { openEmbedded } from '../../../src/store/embedded.ts';
import { openRedis } from '../../../src/store/redis.ts';
import { createKekFile } from '../../../src/vault/keys/kek.ts';
import { localKeyWrapper } from '../../../src/vault/keys/key-wrapper.ts';
import { createKeyring, openKeyring } from '../../../src/vault/keys/keyring.ts';
import { startRedis, type ThrowawayRedis } from '../../fixtures/redis.ts';
import { openSurroundings, type PremisesOptions, type Surroundings } from '../house.ts';

type Environment = Readonly<Record<string, string>>;

/** What Privet needs to keep a registry, beside the CRMs. */
export interface RegistrySurroundings extends Surroundings {
  /** Holds the registry where the configuration says so. */
  readonly registry: ThrowawayRedis;
}

export async function openRegistrySurroundings({
  environment,
  ...options
}: Omit<PremisesOptions, 'config'>): Promise<RegistrySurroundings> {
  const registry = await startRedis({ persistent: true });
  const keys = await makeRing();
  const around = await openSurroundings({
    ...options,
    environment: { KEYS: keys, CONSENT_REDIS: registry.url, ...environment },
  });
  return {
    ...around,
    registry,
    close: async () => {
      await around.close();
      await registry.stop();
      rmSync(keys, { recursive: true });
    },
  };
}

/** @returns the directory of a ring and its key */
async function makeRing(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'privet-keys-'));
  const kek = join(directory, 'kek');
  createKekFile(kek);
  await createKeyring({ ring: join(directory, 'ring.json'), wrapper: localKeyWrapper({ file: kek }) });
  return directory;
}

/** Writes to the registry of a configuration, as another process would. An embedded store must not be in use. */
export async function append(
  config: string,
  environment: Environment,
  events: readonly ConsentEvent[],
): Promise<void> {
  const { plan } = await planHouse(resolve(config), environment);
  if (plan === undefined) throw new Error(`${config} has mistakes.`);
  const { store: where, limits } = plan.config;
  const keyring = await openKeyring(ringPlace(plan.config));
  const store =
    where.redis === undefined ? openEmbedded(where.embedded, limits) : await openRedis(where.redis, limits);
  const registry = await openConsentRegistry({ ...consentOptions(plan.config, keyring), store });
  await registry.append(events);
  registry.close();
  await store.close();
}

/** A minute ago, so that nothing is from the future. */
const AT = Date.now() - 60_000;

export function event(
  state: ConsentEvent['state'],
  who: ConsentEvent['who'],
  purpose?: string,
): ConsentEvent {
  return { who, state, at: AT, source: 'import', ...(purpose === undefined ? {} : { purpose }) };
}

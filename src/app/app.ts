/** Composition root: opens everything that a plan names, and closes it again. */
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { Logger } from 'pino';
import { createLogger } from '../admin/log.ts';
import { createMetrics, type MetricSources } from '../admin/metrics.ts';
import { createAdminServer, type HealthSources } from '../admin/server.ts';
import { refuseEarlierSpool } from '../audit/earlier-spool.ts';
import { type AuditLog, openAuditLog } from '../audit/log.ts';
import { spoolDirectory } from '../audit/spool.ts';
import { createReadingBudget, type ReadingBudget } from '../budget/reading-budget.ts';
import { sweepNowAndThen } from '../budget/sweep.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { createEnforcement } from '../enforce/enforcement.ts';
import { type Logins, openLogins } from '../identity/login/logins.ts';
import { loadPolicies } from '../policy/compile/compile.ts';
import { type GrantWatch, watchGrants } from '../policy/reload/grant-watch.ts';
import { createPolicyStore, type PolicyStore } from '../policy/reload/store.ts';
import { type PolicyWatch, watchPolicies } from '../policy/reload/watch.ts';
import type { Door } from '../proxy/door.ts';
import { createPipeline } from '../proxy/pipeline.ts';
import { createListener } from '../proxy/wire/listener.ts';
import { openEmbedded } from '../store/embedded.ts';
import { openJournal } from '../store/journal.ts';
import { openRedis } from '../store/redis.ts';
import type { Store } from '../store/store.ts';
import { createKeyedHash } from '../vault/keys/keyed-hash.ts';
import { FIRST_VERSION, type Keyring } from '../vault/keys/keyring.ts';
import { openVault } from '../vault/vault.ts';
import { adminApi, type ConsentDesk, type OpenConsent, openConsent, unsubscribing } from './consent-desk.ts';
import { openDoors } from './doors.ts';
import { openConfiguredKeyring } from './keyring.ts';
import { compileOptions, type Plan, policySources } from './plan.ts';
import {
  measure,
  tellOfGrant,
  tellOfLogins,
  tellOfReload,
  tellOfVault,
  type Witnesses,
} from './witnesses.ts';

/** Privet at work: where it listens, and how it stops. */
export interface RunningPrivet {
  readonly proxy: AddressInfo;
  readonly admin: AddressInfo;
  /**
   * Lets running requests end, writes what is waiting, closes.
   * @param hurry cuts running requests off when it is aborted
   */
  readonly close: (hurry?: AbortSignal) => Promise<void>;
}

/** Closes one thing that was opened. */
type Closer = (hurry?: AbortSignal) => Promise<void> | void;

/** A house that is being opened. Whatever has to be closed again adds itself to `closers`. */
interface Site {
  readonly plan: Plan;
  readonly log: Logger;
  readonly closers: Closer[];
}

/**
 * Builds the house from a plan and opens its doors.
 * @throws when something cannot be opened; what was opened before it is closed again
 */
export async function openHouse(
  plan: Plan,
  log: Logger = createLogger(plan.config.log.level),
): Promise<RunningPrivet> {
  const closers: Closer[] = [];
  const close: RunningPrivet['close'] = async (hurry) => {
    const closer = closers.pop();
    if (closer === undefined) return;
    try {
      await closer(hurry);
    } finally {
      await close(hurry);
    }
  };
  try {
    return { ...(await open({ plan, log, closers })), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function open(site: Site): Promise<Pick<RunningPrivet, 'proxy' | 'admin'>> {
  const { plan, log, closers } = site;
  const { config, adapters } = plan;
  const { limits } = config;
  const listen = readTls(config);
  const stores = await openStores(site);
  const { store, shared, keyring } = stores;
  const vault = await openVault({ store: shared, keyring, clock: systemClock, limits });
  const readingBudget = openReadingBudget(site, stores);
  await refuseEarlierSpool(store);
  const journal = await openJournal(spoolDirectory(config.store.embedded), limits);
  closers.push(journal.close);
  const consent = await openConsent(config, { keyring, store: shared, log });
  closers.push(consent.close);
  const audit = await openAuditLog({ journal, clock: systemClock, limits, ...config.audit });
  closers.push(audit.close);
  const metrics = createMetrics(metricSources(audit, consent, () => grants));
  const witnesses: Witnesses = { audit, metrics, log };
  const isAlone = config.store.redis === undefined;
  closers.push(vault.keepHouse({ isAlone, tell: (event) => tellOfVault(event, witnesses) }).stop);
  const { policies, grants } = await openPolicies(site, witnesses);
  const logins = await openHouseLogins(site, stores, policies, witnesses);
  const { doors, closeDoors } = openDoors(plan, { keyring, watch: logins, log });
  closers.push(closeDoors);
  const desk: ConsentDesk = { plan, keyring, audit, policies: policies.current, log, ...consent };
  const pipeline = createPipeline({
    doors,
    isTls: config.listen.tls !== undefined,
    enforcement: createEnforcement({ ...config, ...consent, adapters, keyring, vault, readingBudget }),
    policies: policies.current,
    facts: () => ({ now: systemClock(), anyRestricted: consent.registry.anyRestricted() }),
    record: audit.record,
    auditIsWell: () => audit.state().writable && !audit.state().full,
    meter: { request: (request) => measure(metrics, request) },
    log,
  });
  const health = healthOf(audit, doors, consent);
  const admin = createAdminServer(config.admin, health, metrics, adminApi(desk, logins));
  closers.push(admin.close);
  const handle = unsubscribing(desk, pipeline);
  const listener = await createListener({ listen, limits, logger: log, handle });
  closers.push(listener.close);
  return { admin: await admin.listen(), proxy: await listener.listen() };
}

interface Stores {
  /** The embedded store of this instance. */
  readonly store: Store;
  /** That of vault, consent, budgets and locks: the Redis that several instances share, or the embedded one. */
  readonly shared: Store;
  readonly keyring: Keyring;
}

async function openStores({ plan: { config }, log, closers }: Site): Promise<Stores> {
  const { limits } = config;
  const store = openEmbedded(config.store.embedded, limits);
  closers.push(store.close);
  const keyring = await openConfiguredKeyring(config, log);
  if (config.store.redis === undefined) return { store, shared: store, keyring };
  // Opened before anything is served: Privet does not start with a Redis that could lose its only copy.
  const shared = await openRedis(config.store.redis, limits);
  closers.push(shared.close);
  return { store, shared, keyring };
}

function openReadingBudget({ plan, log, closers }: Site, { shared, keyring }: Stores): ReadingBudget {
  const { limits } = plan.config;
  // Counts must survive a rotation of the ring.
  const key = keyring.derive('reading budget', FIRST_VERSION);
  const keyedHash = createKeyedHash(key, { cacheMax: limits.keyedHashCacheMax });
  const budget = createReadingBudget({ store: shared, clock: systemClock, limits, keyedHash });
  const failed = (error: unknown): void =>
    log.warn({ err: error }, 'reading budgets whose time is over stay in the store');
  closers.push(sweepNowAndThen(budget, limits, failed));
  return budget;
}

/** The policies in force, renewed when their files change, and a watch over what ends by itself in them. */
async function openPolicies(
  { plan, log, closers }: Site,
  witnesses: Witnesses,
): Promise<{ readonly policies: PolicyStore; readonly grants: GrantWatch }> {
  const { config } = plan;
  const policies = createPolicyStore(
    plan.policies,
    () => loadPolicies(policySources(config), compileOptions(plan)),
    (reload) => tellOfReload(reload, policies.current(), witnesses),
  );
  const grants = watchGrants({
    grants: () => [...plan.keyGrants, ...policies.current().grants],
    clock: systemClock,
    limits: config.limits,
    tell: (grant, state) => tellOfGrant(grant, state, policies.current(), witnesses),
  });
  closers.push(grants.close);
  if (config.policies.reload) closers.push((await watchOver(config, policies, log)).close);
  return { policies, grants };
}

function watchOver(config: Config, policies: PolicyStore, log: Logger): Promise<PolicyWatch> {
  const { directory, includes } = policySources(config);
  return watchPolicies({
    directories: [...includes, directory],
    limits: config.limits,
    onChange: () => void policies.reload(),
    onError: (error) => log.error({ err: error }, 'a directory of policies cannot be watched'),
  });
}

async function openHouseLogins(
  { plan, closers }: Site,
  { shared, keyring }: Stores,
  policies: PolicyStore,
  witnesses: Witnesses,
): Promise<Logins> {
  const { limits } = plan.config;
  const key = keyring.derive('logins', FIRST_VERSION);
  const logins = await openLogins({
    store: shared,
    clock: systemClock,
    limits,
    keyedHash: createKeyedHash(key, { cacheMax: limits.principalCacheMax }),
    ...tellOfLogins(policies.current, witnesses),
  });
  closers.push(logins.close);
  return logins;
}

function readTls({ listen }: Config): Parameters<typeof createListener>[0]['listen'] {
  const { tls, ...address } = listen;
  if (tls === undefined) return address;
  const { cert, key, clientCa } = tls;
  const read = (file: string): string => readFileSync(file, 'utf8');
  const pem = { cert: read(cert), key: read(key) };
  try {
    createSecureContext(pem);
  } catch (cause) {
    // OpenSSL says what is wrong, but not with what.
    throw new Error(`listen.tls: the certificate ${cert} and the key ${key} cannot be used.`, { cause });
  }
  return { ...address, tls: clientCa === undefined ? pem : { ...pem, clientCa: read(clientCa) } };
}

/** @param grants asked at a scrape, when they are being watched */
function metricSources(audit: AuditLog, { feed }: OpenConsent, grants: () => GrantWatch): MetricSources {
  return {
    spoolEvents: () => audit.state().depthEvents,
    spoolBytes: () => audit.state().bytes,
    auditShipped: () => audit.state().shipped,
    consentLost: feed.lost,
    consentWaiting: feed.waiting,
    grantsEnding: () => grants().count('ending'),
    grantsOver: () => grants().count('over'),
  };
}

function healthOf(audit: AuditLog, doors: readonly Door[], { registry }: OpenConsent): HealthSources {
  return {
    // Without them `openHouse` fails.
    policiesLoaded: () => true,
    storeWritable: () => audit.state().writable,
    spoolBelowLimit: () => !audit.state().full,
    upstreams: () => Object.fromEntries(doors.map(({ name, upstream }) => [name, upstream.load()])),
    redis: () => audit.state().redis,
    consent: () => (registry.isAvailable() ? 'up' : 'away'),
  };
}

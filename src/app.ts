/** Composition root: the only file that builds everything. */
import { existsSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { createLogger } from './admin/log.ts';
import { createMetrics } from './admin/metrics.ts';
import { createAdminServer, type HealthSources } from './admin/server.ts';
import { refuseEarlierSpool } from './audit/earlier-spool.ts';
import { type AuditLog, openAuditLog } from './audit/log.ts';
import { spoolDirectory } from './audit/spool.ts';
import { createReadingBudget, type ReadingBudget } from './budget/reading-budget.ts';
import { sweepNowAndThen } from './budget/sweep.ts';
import { systemClock } from './clock.ts';
import { type Adapters, openAdapters } from './config/adapters.ts';
import type { Config } from './config/config.ts';
import {
  adminApi,
  type ConsentDesk,
  type OpenConsent,
  openConsent,
  unsubscribing,
} from './config/consent-desk.ts';
import { loadConfig } from './config/load.ts';
import { keyGrants, namedWords } from './config/named-words.ts';
import { type Problem, sortProblems } from './document/problem.ts';
import { createEnforcement } from './enforce/enforcement.ts';
import { PrivetError } from './errors.ts';
import { createIdentifier } from './identity/identifier.ts';
import type { LoginWatch } from './identity/login-watch.ts';
import { openLogins } from './identity/logins.ts';
import type { Limits } from './limits.ts';
import { type CompileOptions, loadPolicies } from './policy/compile.ts';
import { type Grant, grantWarnings } from './policy/grant.ts';
import { watchGrants } from './policy/grant-watch.ts';
import type { PolicySources } from './policy/load.ts';
import type { PolicySnapshot } from './policy/snapshot.ts';
import { createPolicyStore, type PolicyStore } from './policy/store.ts';
import type { NamedWord } from './policy/undeclared.ts';
import { type PolicyWatch, watchPolicies } from './policy/watch.ts';
import { type Door, entranceOf, publicBaseOf } from './proxy/door.ts';
import { createLinks } from './proxy/links.ts';
import { createListener } from './proxy/listener.ts';
import { createLookUp, lookUpAt } from './proxy/look-up.ts';
import { createPipeline } from './proxy/pipeline.ts';
import { createUpstream } from './proxy/upstream.ts';
import { openEmbedded } from './store/embedded.ts';
import { openJournal } from './store/journal.ts';
import { openRedis } from './store/redis.ts';
import type { Store } from './store/store.ts';
import type { KeysConfig } from './vault/config.ts';
import { type HousekeepingEvent, keepHouse } from './vault/housekeeping.ts';
import { createKekFile } from './vault/kek.ts';
import { localKeyWrapper } from './vault/key-wrapper.ts';
import { createKeyedHash } from './vault/keyed-hash.ts';
import {
  createKeyring,
  FIRST_VERSION,
  type Keyring,
  type KeyringLocation,
  openKeyring,
} from './vault/keyring.ts';
import { openVault } from './vault/vault.ts';
import { measure, tellOfGrant, tellOfLogins, tellOfReload, tellOfVault } from './witnesses.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Data maps and policies that come with the package. */
const SHIPPED_POLICIES = join(dirname(fileURLToPath(import.meta.url)), '..', 'policies');

/** A configuration with everything it names read and checked, before anything is opened. */
export interface Plan {
  readonly config: Config;
  readonly adapters: Adapters;
  readonly policies: PolicySnapshot;
  /** What policies may have to declare. */
  readonly named: readonly NamedWord[];
  /** Keys that end by themselves. */
  readonly keyGrants: readonly Grant[];
}

export interface Planned {
  /** Undefined when there are problems. */
  readonly plan: Plan | undefined;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** Reads and checks a configuration file and all it names. Opens and writes nothing. */
export async function planHouse(file: string, environment: Environment): Promise<Planned> {
  const loaded = loadConfig(file, environment);
  if (loaded.config === undefined) return { plan: undefined, problems: loaded.problems, warnings: [] };
  const { config, positionOf } = loaded;
  const { adapters, problems: unknown } = openAdapters(config);
  const named = namedWords(config, positionOf);
  const compiled = await loadPolicies(policySources(config), compileOptions({ config, adapters, named }));
  const found = [...unknown, ...('problems' in compiled ? compiled.problems : [])];
  const { warnings } = compiled;
  if (found.length > 0 || 'problems' in compiled) return { plan: undefined, problems: found, warnings };
  const policies = compiled.snapshot;
  const grants = keyGrants(config, positionOf);
  const ending = grantWarnings([...policies.grants, ...grants], systemClock(), config.limits.grantWarningMs);
  return {
    plan: { config, adapters, policies, named, keyGrants: grants },
    problems: [],
    warnings: sortProblems([...warnings, ...ending]),
  };
}

/** A running Privet. */
export interface House {
  readonly proxy: AddressInfo;
  readonly admin: AddressInfo;
  /** Lets running requests end, writes what is waiting, closes. @param hurry cuts running requests off when it is aborted */
  readonly close: (hurry?: AbortSignal) => Promise<void>;
}

/** Closes one thing that was opened. */
type Closer = (hurry?: AbortSignal) => Promise<void> | void;

/**
 * Builds the house from a plan and opens its doors.
 * @throws when something cannot be opened; what was opened before it is closed again
 */
export async function openHouse(
  plan: Plan,
  log: Logger = createLogger(plan.config.log.level),
): Promise<House> {
  const closers: Closer[] = [];
  const close: House['close'] = async (hurry) => {
    const closer = closers.pop();
    if (closer === undefined) return;
    try {
      await closer(hurry);
    } finally {
      await close(hurry);
    }
  };
  try {
    return { ...(await open(plan, log, closers)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Opens everything in turn; each adds how it is closed. */
async function open(plan: Plan, log: Logger, closers: Closer[]): Promise<Pick<House, 'proxy' | 'admin'>> {
  const { config, adapters } = plan;
  const { limits } = config;
  const listen = readTls(config);
  const store = openEmbedded(config.store.embedded, limits);
  closers.push(store.close);
  const keyring = await keyringOf(config, log);
  const shared = await sharedStore(config, store, closers);
  const vaultContext = { store: shared, keyring, clock: systemClock, limits };
  const vault = await openVault(vaultContext);
  const readingBudget = openReadingBudget(shared, keyring, limits);
  closers.push(
    sweepNowAndThen(readingBudget, limits, (error) =>
      log.warn({ err: error }, 'reading budgets whose time is over stay in the store'),
    ),
  );
  await refuseEarlierSpool(store);
  const journal = await openJournal(spoolDirectory(config.store.embedded), limits);
  closers.push(journal.close);
  const consent = await openConsent(config, { keyring, store: shared, log });
  closers.push(consent.close);
  const audit = await openAuditLog({ journal, clock: systemClock, limits, ...config.audit });
  closers.push(audit.close);
  const metrics = createMetrics({
    spoolEvents: () => audit.state().depthEvents,
    spoolBytes: () => audit.state().bytes,
    auditShipped: () => audit.state().shipped,
    consentLost: consent.feed.lost,
    consentWaiting: consent.feed.waiting,
    grantsEnding: () => grants.count('ending'),
    grantsOver: () => grants.count('over'),
  });
  const isAlone = config.store.redis === undefined;
  const tell = (event: HousekeepingEvent): void => tellOfVault(event, { metrics, log });
  closers.push(keepHouse(vaultContext, { isAlone, tell }).stop);
  const policies = createPolicyStore(
    plan.policies,
    () => loadPolicies(policySources(config), compileOptions(plan)),
    (reload) => tellOfReload(reload, policies.current(), { audit, metrics, log }),
  );
  const grants = watchGrants({
    grants: () => [...plan.keyGrants, ...policies.current().grants],
    clock: systemClock,
    limits,
    tell: (grant, state) => tellOfGrant(grant, state, policies.current(), { audit, log }),
  });
  closers.push(grants.close);
  if (config.policies.reload) closers.push((await watchOver(config, policies, log)).close);
  const logins = await openLogins({
    store: shared,
    clock: systemClock,
    limits,
    keyedHash: createKeyedHash(keyring.derive('logins', FIRST_VERSION), {
      cacheMax: limits.principalCacheMax,
    }),
    ...tellOfLogins(policies.current, { audit, metrics, log }),
  });
  closers.push(logins.close);
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

/** Where the vault and the registry are: in the Redis that several Privets share, or beside the audit events. */
async function sharedStore(
  { store: { redis }, limits }: Config,
  own: Store,
  closers: Closer[],
): Promise<Store> {
  if (redis === undefined) return own;
  // Opened before anything is served: Privet does not start with a Redis that could lose the only copy.
  const store = await openRedis(redis, limits);
  closers.push(store.close);
  return store;
}

/** What was counted stays counted, so its key is the one that every ring keeps. */
function openReadingBudget(store: Store, keyring: Keyring, limits: Limits): ReadingBudget {
  const keyedHash = createKeyedHash(keyring.derive('reading budget', FIRST_VERSION), {
    cacheMax: limits.keyedHashCacheMax,
  });
  return createReadingBudget({ store, clock: systemClock, limits, keyedHash });
}

function policySources({ file, policies, limits }: Config): PolicySources {
  const includes = policies.include.map((name) =>
    /^[./]/.test(name) ? resolve(dirname(file), name) : join(SHIPPED_POLICIES, name),
  );
  return { directory: policies.path, includes, limits };
}

function compileOptions({ config, adapters, named }: Omit<Plan, 'policies' | 'keyGrants'>): CompileOptions {
  const { policies, posture, restriction, limits } = config;
  const { roles } = policies;
  // Two upstreams of one CRM share its data maps.
  const crms = [...new Map(Array.from(adapters.values(), (adapter) => [adapter.name, adapter])).values()];
  const options = { crms, unclassifiedField: posture.unclassifiedField, restriction, limits, named };
  return roles === undefined ? options : { ...options, roles };
}

/**
 * Without a keys section, the first start makes a ring and a key beside the store, and says once where: whoever loses
 * them loses every hash and sealed locator made with them.
 */
async function keyringOf(config: Config, log: Logger): Promise<Keyring> {
  const place = ringPlace(config);
  if (config.keys === undefined && !existsSync(place.ring)) {
    const kek = join(config.store.embedded, 'kek');
    createKekFile(kek);
    await createKeyring(place);
    log.warn(
      { ring: place.ring, kek },
      'a keyring and its key were made: back up both, apart from each other',
    );
  }
  return openKeyring(place);
}

/** Where the configuration says the ring and its key are: beside the store when it says nothing. */
export function ringPlace({ keys, store }: Pick<Config, 'keys' | 'store'>): KeysConfig & KeyringLocation {
  const place = keys ?? {
    ring: join(store.embedded, 'ring.json'),
    kek: { file: join(store.embedded, 'kek') },
  };
  return { ...place, wrapper: localKeyWrapper(place.kek) };
}

interface Doors {
  readonly doors: readonly Door[];
  readonly closeDoors: () => Promise<void>;
}

interface DoorTools {
  readonly keyring: Keyring;
  readonly watch: LoginWatch;
  readonly log: Logger;
}

function openDoors({ config, adapters }: Plan, { keyring, watch, log }: DoorTools): Doors {
  const { limits } = config;
  const lookUp = createLookUp(limits);
  const keyedHash = createKeyedHash(keyring.derive('credential cache'), {
    cacheMax: limits.principalCacheMax,
  });
  const doors = config.upstreams.map((own): Door => {
    const adapter = adapters.get(own.name);
    if (adapter === undefined) throw new PrivetError('INTERNAL', `Upstream ${own.name} has no adapter.`);
    const tls = own.tls === undefined ? {} : { tls: { ca: readFileSync(own.tls.ca, 'utf8') } };
    const upstream = createUpstream({ name: own.name, url: own.url, limits, ...tls });
    const { whoAmI } = adapter;
    const identifier = createIdentifier(config.identity, {
      clock: systemClock,
      limits,
      keyedHash,
      lookUp,
      watch,
      upstreamName: own.name,
      ...(adapter.userId === undefined ? {} : { crmUserId: adapter.userId }),
      ...(whoAmI === undefined ? {} : { crm: { whoAmI, lookUp: lookUpAt(upstream, limits) } }),
      warn: (problem) => log.warn({ upstream: own.name }, problem),
    });
    return {
      name: own.name,
      adapter,
      upstream,
      identifier,
      ...entranceOf(own.match),
      publicBase: publicBaseOf(own.publicUrl),
      bearer: own.credentials === 'passthrough' ? undefined : own.credentials.bearer,
      links: createLinks(own.url, adapter.publicHosts),
      varyOn: [...new Set(['authorization', ...identifier.credentialHeaders])],
    };
  });
  // Nobody is left to wait for an answer.
  const closeDoors = async (): Promise<void> => {
    await Promise.all([lookUp.close(), ...doors.map(({ upstream }) => upstream.destroy())]);
  };
  return { doors, closeDoors };
}

function readTls({ listen }: Config): Parameters<typeof createListener>[0]['listen'] {
  const { tls, ...address } = listen;
  if (tls === undefined) return address;
  const { cert, key, clientCa } = tls;
  const read = (file: string): string => readFileSync(file, 'utf8');
  const pem = { cert: read(cert), key: read(key) };
  return { ...address, tls: clientCa === undefined ? pem : { ...pem, clientCa: read(clientCa) } };
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

function healthOf(audit: AuditLog, doors: readonly Door[], { registry }: OpenConsent): HealthSources {
  return {
    // The house does not open without them.
    policiesLoaded: () => true,
    storeWritable: () => audit.state().writable,
    spoolBelowLimit: () => !audit.state().full,
    upstreams: () => Object.fromEntries(doors.map(({ name, upstream }) => [name, upstream.load()])),
    redis: () => audit.state().redis,
    consent: () => (registry.isAvailable() ? 'up' : 'away'),
  };
}

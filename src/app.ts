/** Composition root: the only file that builds everything. */
import { existsSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Logger, pino } from 'pino';
import { createMetrics, type Metrics } from './admin/metrics.ts';
import { createAdminServer } from './admin/server.ts';
import { type AuditLog, openAuditLog } from './audit/log.ts';
import { systemClock } from './clock.ts';
import type { Config } from './config/config.ts';
import { loadConfig } from './config/load.ts';
import { type Adapters, openAdapters } from './crm/registry.ts';
import { formatProblem, type Problem } from './document/problem.ts';
import { createEnforcement } from './enforce/enforcement.ts';
import { createIdentifier } from './identity/identifier.ts';
import { type CompileOptions, loadPolicies } from './policy/compile.ts';
import type { PolicySources } from './policy/load.ts';
import type { PolicySnapshot } from './policy/snapshot.ts';
import { createPolicyStore, type PolicyStore } from './policy/store.ts';
import { watchPolicies } from './policy/watch.ts';
import type { Door } from './proxy/door.ts';
import { createFetch } from './proxy/fetch.ts';
import { createLinks } from './proxy/links.ts';
import { createListener } from './proxy/listener.ts';
import type { MeteredRequest } from './proxy/meter.ts';
import { createPipeline } from './proxy/pipeline.ts';
import { createUpstream, type Upstream } from './proxy/upstream.ts';
import { openEmbedded } from './store/embedded.ts';
import { createKekFile, readKek } from './vault/kek.ts';
import { createKeyedHash } from './vault/keyed-hash.ts';
import { createKeyring, type Keyring, openKeyring } from './vault/keyring.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Data maps and policies that come with the package. */
const SHIPPED_POLICIES = join(dirname(fileURLToPath(import.meta.url)), '..', 'policies');

/** A configuration with everything it names read and checked, before anything is opened. */
export interface Plan {
  readonly config: Config;
  readonly adapters: Adapters;
  readonly policies: PolicySnapshot;
}

export interface Planned {
  /** Undefined when there are problems. */
  readonly plan: Plan | undefined;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** Reads and checks a configuration file and all it names. Opens and writes nothing. */
export async function planHouse(file: string, environment: Environment): Promise<Planned> {
  const { config, problems } = loadConfig(file, environment);
  if (config === undefined) return { plan: undefined, problems, warnings: [] };
  const { adapters, problems: unknown } = openAdapters(config);
  const compiled = await loadPolicies(policySources(config), compileOptions(config, adapters));
  const found = [...unknown, ...('problems' in compiled ? compiled.problems : [])];
  const { warnings } = compiled;
  if (found.length > 0 || 'problems' in compiled) return { plan: undefined, problems: found, warnings };
  return { plan: { config, adapters, policies: compiled.snapshot }, problems: [], warnings };
}

/** A running Privet. */
export interface House {
  readonly proxy: AddressInfo;
  readonly admin: AddressInfo;
  /** Lets running requests end, writes what is waiting, closes. */
  readonly close: () => Promise<void>;
}

/** Builds the house from a plan and opens its doors. */
export async function openHouse(plan: Plan, log: Logger = createLogger(plan.config)): Promise<House> {
  const { config, adapters } = plan;
  const { limits } = config;
  const keyring = keyringOf(config, log);
  const store = openEmbedded(config.store.embedded);
  const audit = await openAuditLog({ store, clock: systemClock, limits, ...config.audit });
  const metrics = createMetrics({
    spoolEvents: () => audit.state().depthEvents,
    spoolBytes: () => audit.state().bytes,
    auditShipped: () => audit.state().shipped,
  });
  const policies = createPolicyStore(plan.policies);
  const watch = config.policies.reload ? watchOver(plan, policies, { audit, metrics, log }) : undefined;

  const upstreams = new Map<string, Upstream>();
  const doors = config.upstreams.map((upstream) => {
    const tls = upstream.tls === undefined ? {} : { tls: { ca: readFileSync(upstream.tls.ca, 'utf8') } };
    const opened = createUpstream({ name: upstream.name, url: upstream.url, limits, ...tls });
    upstreams.set(upstream.name, opened);
    return doorOf(config, upstream, opened, adapters, keyring);
  });
  const isTls = config.listen.tls !== undefined;
  const handle = createPipeline({
    doors,
    isTls,
    enforcement: createEnforcement({ ...config, keyring }),
    policies: () => policies.current(),
    record: (entry) => audit.record(entry),
    meter: { request: (request) => measure(metrics, request) },
    log,
  });
  const listener = await createListener({ listen: readTls(config), limits, logger: log, handle });
  const admin = createAdminServer(config.admin, healthOf(audit, upstreams), metrics);
  const addresses = { admin: await admin.listen(), proxy: await listener.listen() };
  return {
    ...addresses,
    close: async () => {
      await listener.close();
      watch?.close();
      await Promise.all([...upstreams.values()].map((upstream) => upstream.close()));
      await audit.close();
      await store.close();
      await admin.close();
    },
  };
}

export function createLogger(config: Pick<Config, 'log'>): Logger {
  return pino({ level: config.log.level, base: null });
}

function policySources({ policies, limits }: Config): PolicySources {
  const includes = policies.include.map((name) => join(SHIPPED_POLICIES, name));
  return { directory: policies.path, includes, limits };
}

function compileOptions({ posture, limits }: Config, adapters: Adapters): CompileOptions {
  return { crms: [...adapters.values()], unclassifiedField: posture.unclassifiedField, limits };
}

/**
 * Without a keys section, the first start makes a ring and a key beside the store, and says once where: whoever loses
 * them loses every hash and sealed locator made with them.
 */
function keyringOf({ keys, store }: Config, log: Logger): Keyring {
  if (keys !== undefined) return openKeyring({ ring: keys.ring, kek: readKek(keys.kek) });
  const ring = join(store.embedded, 'ring.json');
  const kekFile = join(store.embedded, 'kek');
  if (!existsSync(ring)) {
    createKeyring(ring, createKekFile(kekFile));
    log.warn({ ring, kek: kekFile }, 'a keyring and its key were made: back up both, apart from each other');
  }
  return openKeyring({ ring, kek: readKek({ file: kekFile }) });
}

/** What is opened: the configuration and all that it names, read and checked. */
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from './clock.ts';
import { type Adapters, openAdapters } from './config/adapters.ts';
import type { Config } from './config/config.ts';
import { loadConfig } from './config/load.ts';
import { keyGrants, namedWords } from './config/named-words.ts';
import { type Problem, sortProblems } from './document/problem.ts';
import { type CompileOptions, loadPolicies } from './policy/compile/compile.ts';
import type { PolicySources } from './policy/compile/load.ts';
import type { NamedWord } from './policy/compile/undeclared.ts';
import { type Grant, grantWarnings } from './policy/grant.ts';
import type { PolicySnapshot } from './policy/snapshot.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Data maps and policies that come with the package. */
const SHIPPED_POLICIES = join(dirname(fileURLToPath(import.meta.url)), '..', 'policies');

/** A configuration with everything it names read and checked, before anything is opened. */
export interface Plan {
  readonly config: Config;
  readonly adapters: Adapters;
  readonly policies: PolicySnapshot;
  /** Words of the configuration that policies may have to declare. */
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

/** Where the configuration says that policies are. */
export function policySources({ file, policies, limits }: Config): PolicySources {
  const includes = policies.include.map((name) =>
    /^[./]/.test(name) ? resolve(dirname(file), name) : join(SHIPPED_POLICIES, name),
  );
  return { directory: policies.path, includes, limits };
}

/** What policies are compiled with. */
export function compileOptions({
  config,
  adapters,
  named,
}: Omit<Plan, 'policies' | 'keyGrants'>): CompileOptions {
  const { policies, posture, restriction, limits } = config;
  const { roles } = policies;
  // Two upstreams of one CRM share its data maps.
  const crms = [...new Map(Array.from(adapters.values(), (adapter) => [adapter.name, adapter])).values()];
  const options = { crms, unclassifiedField: posture.unclassifiedField, restriction, limits, named };
  return roles === undefined ? options : { ...options, roles };
}

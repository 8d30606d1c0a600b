import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { keyGrants, namedWords, type PositionOf } from '../config/named-words.ts';
import { nearest } from '../document/nearest.ts';
import { type Problem, sortProblems } from '../document/problem.ts';
import { didYouMean } from '../document/validate.ts';
import { type CompileOptions, loadPolicies } from '../policy/compile/compile.ts';
import type { PolicySources } from '../policy/compile/load.ts';
import type { NamedWord } from '../policy/compile/undeclared.ts';
import { type Grant, grantWarnings } from '../policy/grant.ts';
import type { PolicySnapshot } from '../policy/snapshot.ts';
import { type Adapters, openAdapters } from './adapters.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Data maps and policies that come with the package. */
const SHIPPED_POLICIES = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'policies');

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
  const readable = loaded.config === undefined ? loaded.remnant : loaded;
  if (readable === undefined) return { plan: undefined, problems: loaded.problems, warnings: [] };
  const { config, positionOf } = readable;
  const { adapters, problems: unknown } = openAdapters(config);
  const named = namedWords(config, positionOf);
  const sources = policySources(config);
  const packs = unknownPacks(config, positionOf);
  const includes = sources.includes.filter((_, index) => !packs.has(index));
  const compiled = await loadPolicies({ ...sources, includes }, compileOptions({ config, adapters, named }));
  const wrong = 'problems' in compiled ? compiled.problems : [];
  const found = [...loaded.problems, ...unknown, ...packs.values(), ...wrong];
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

/** A problem for each include that looks like a pack and is none, by its index. */
function unknownPacks({ file, policies }: Config, positionOf: PositionOf): ReadonlyMap<number, Problem> {
  const problems = new Map<number, Problem>();
  for (const [index, name] of policies.include.entries()) {
    if (/^[./]/.test(name) || existsSync(join(SHIPPED_POLICIES, name))) continue;
    const shipped = readdirSync(join(SHIPPED_POLICIES, 'packs')).map((pack) => `packs/${pack}`);
    const near = didYouMean(nearest(name, shipped) ?? shipped.find((pack) => pack === `packs/${name}`));
    const message = `found no pack of this name, expected one of ${shipped.join(', ')}, or a path that begins with . or /${near}`;
    problems.set(index, { file, ...positionOf(['policies', 'include', index]), message });
  }
  return problems;
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

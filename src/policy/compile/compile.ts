import { type Problem, sortProblems } from '../../document/problem.ts';
import type { Limits } from '../../limits.ts';
import type { CompiledPolicy } from '../compiled-policy.ts';
import { createConditionCompiler } from '../condition.ts';
import type { Restriction } from '../config.ts';
import type { CrmTraits } from '../data-map.ts';
import { grantsIn } from '../grant.ts';
import type { Complain, Placed, PolicyDocument } from '../language/documents.ts';
import { meaningsOf } from '../meaning.ts';
import type { PolicySnapshot, StoredFields, UnclassifiedField } from '../snapshot.ts';
import { loginsOf } from '../step-up.ts';
import type { PolicyContext } from './check.ts';
import { checkFurtherFields } from './check-further-fields.ts';
import { checkIdPrefixes } from './check-id-prefixes.ts';
import { checkRequirements } from './check-requirements.ts';
import { checkThrough } from './check-through.ts';
import { uncoveredCategories } from './coverage.ts';
import { declaredIn } from './declarations.ts';
import { loadPolicyFiles, type PolicyFile, type PolicySources } from './load.ts';
import { mergeDataMaps } from './merge-data-maps.ts';
import { type ParsedPolicies, parsePolicyFiles } from './parse.ts';
import { compilePolicy } from './policy.ts';
import { readsOf } from './reads.ts';
import { checkTokensAreKept, storedFields } from './stored.ts';
import { checkConsentPurposes, type NamedWord, undeclaredWords, wordsNamed } from './undeclared.ts';
import { warnOfUnusualCategories, warnOfUnusualObjects } from './unusual-names.ts';

export interface CompileOptions {
  /** The CRMs that a data map may describe. */
  readonly crms: readonly CrmTraits[];
  /** Roles that exist, as the configuration lists them; see `declaredIn`. */
  readonly roles?: readonly string[];
  /** Words of the configuration that the documents must declare, where they declare any of that kind. */
  readonly named?: readonly NamedWord[];
  readonly unclassifiedField: UnclassifiedField;
  readonly restriction: Restriction;
  readonly limits: Limits;
}

/** A snapshot, or every problem that prevents one. Warnings prevent nothing. */
export type Compiled =
  | { readonly snapshot: PolicySnapshot; readonly warnings: readonly Problem[] }
  | { readonly problems: readonly Problem[]; readonly warnings: readonly Problem[] };

/** Reads, checks and compiles all policies. File system errors other than a missing directory are thrown. */
export async function loadPolicies(sources: PolicySources, options: CompileOptions): Promise<Compiled> {
  const loaded = await loadPolicyFiles(sources);
  const compiled = compilePolicies(loaded.files, loaded.hash, options);
  if (loaded.problems.length === 0) return { ...compiled, warnings: withoutPolicies(compiled, sources) };
  const problems = 'problems' in compiled ? compiled.problems : [];
  return { problems: sortProblems([...loaded.problems, ...problems]), warnings: compiled.warnings };
}

/** Most likely the directory is another one, or its files have other endings. */
function withoutPolicies(compiled: Compiled, { directory }: PolicySources): readonly Problem[] {
  if ('problems' in compiled || compiled.snapshot.policies.length > 0) return compiled.warnings;
  const message = 'found no policy here, so that everybody is shown everything';
  return [{ file: directory, line: 1, column: 1, message }, ...compiled.warnings];
}

/** Compiles files into one snapshot. Pure. */
export function compilePolicies(
  files: readonly PolicyFile[],
  hash: string,
  options: CompileOptions,
): Compiled {
  const parsed = parsePolicyFiles(files);
  const findings = openFindings(parsed.problems);
  const ownLayer = Math.max(...files.map(({ layer }) => layer));
  const context = contextOf(parsed, ownLayer, options, findings);
  const policies = policiesOf(parsed, context, findings);
  const stored = storedByCrm(parsed, policies, context, findings);
  findings.warnings.push(...uncoveredCategories(policies, context.models.values(), ownLayer));
  const warnings = sortProblems(findings.warnings);
  if (findings.problems.length > 0) return { problems: sortProblems(findings.problems), warnings };
  const { models, declared } = context;
  const snapshot: PolicySnapshot = {
    hash,
    policies,
    crms: models,
    stored,
    declared,
    named: wordsNamed(parsed.policies),
    meanings: meaningsOf(declared),
    grants: grantsIn(parsed.policies),
    unclassifiedField: options.unclassifiedField,
    restriction: options.restriction,
    viewCacheMax: options.limits.viewCacheMax,
    reads: readsOf(policies, parsed.policies),
    logins: loginsOf(parsed.policies),
  };
  return { snapshot, warnings };
}

/** What is wrong with the files, collected while they are compiled. */
interface Findings {
  readonly problems: Problem[];
  readonly warnings: Problem[];
  readonly complain: Complain;
  readonly warn: Complain;
}

function openFindings(found: readonly Problem[]): Findings {
  const problems = [...found];
  const warnings: Problem[] = [];
  return { problems, warnings, complain: collector(problems), warn: collector(warnings) };
}

/** Data maps and declarations: what policies can speak of. */
function contextOf(
  parsed: ParsedPolicies,
  ownLayer: number,
  options: CompileOptions,
  { problems, complain, warn }: Findings,
): PolicyContext {
  const models = mergeDataMaps(parsed.dataMaps, options.crms, complain);
  warnOfUnusualCategories(models.values(), warn);
  warnOfUnusualObjects(parsed.dataMaps, ownLayer, options.crms, warn);
  const declared = parsed.declarationsComplete ? declaredIn(parsed, options.roles, complain) : {};
  problems.push(...undeclaredWords(options.named ?? [], declared));
  const ownMaps = parsed.dataMaps.filter(({ layer }) => layer === ownLayer);
  checkConsentPurposes(ownMaps, declared, complain);
  return {
    models,
    mapsComplete: parsed.mapsComplete && parsed.dataMaps.every(({ content }) => models.has(content.dataMap)),
    declared,
    conditions: createConditionCompiler(options.limits),
  };
}

/** The policies in the order of their ids, each checked alone and against the others. */
function policiesOf(
  { policies, remnants, dataMaps }: ParsedPolicies,
  context: PolicyContext,
  { complain, warn }: Findings,
): readonly CompiledPolicy[] {
  checkUnique([...policies, ...remnants], complain);
  const compiled = [
    ...policies.map((policy) => compilePolicy(policy, context, complain)),
    ...remnants.map((policy) => compilePolicy(policy, { ...context, isRemnant: true }, complain)),
  ].sort((a, b) => (a.id < b.id ? -1 : 1));
  const { models, declared, mapsComplete } = context;
  if (mapsComplete) {
    checkFurtherFields(dataMaps, models, complain);
    checkThrough(dataMaps, models, complain);
    checkIdPrefixes(dataMaps, models, complain);
    checkRequirements([...policies, ...remnants], models.values(), declared, { complain, warn });
  }
  return compiled;
}

/** The fields of each CRM that hold tokens. */
function storedByCrm(
  parsed: ParsedPolicies,
  policies: readonly CompiledPolicy[],
  { models }: PolicyContext,
  { complain }: Findings,
): ReadonlyMap<string, StoredFields> {
  const places = new Map(
    [...parsed.policies, ...parsed.remnants].map((policy) => [policy.content.policy, policy.source]),
  );
  const stored = new Map(
    Array.from(models, ([name, model]) => [name, storedFields(policies, model, places, complain)]),
  );
  checkTokensAreKept(policies, models, stored, (policy, path, key) => {
    const source = places.get(policy);
    const message = `found token for ${key}, of which no policy with store keeps tokens`;
    if (source !== undefined) complain(source, [...path, key], message);
  });
  return stored;
}

function collector(problems: Problem[]): Complain {
  return (source, path, message, part = 'value') => {
    problems.push({ file: source.file, ...source.positionOf(path, part), message });
  };
}

function checkUnique(policies: readonly Placed<PolicyDocument>[], complain: Complain): void {
  const first = new Map<string, Placed<PolicyDocument>>();
  for (const policy of policies) {
    const id = policy.content.policy;
    const before = first.get(id);
    if (before === undefined) {
      first.set(id, policy);
      continue;
    }
    const { line, column } = before.source.positionOf(['policy']);
    const message = `found policy id "${id}" again, expected every id once: it already stands at ${before.source.file}:${line}:${column}`;
    complain(policy.source, ['policy'], message);
  }
}

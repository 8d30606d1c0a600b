import { type Problem, sortProblems } from '../../document/problem.ts';
import type { Limits } from '../../limits.ts';
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
import { checkRequirements } from './check-requirements.ts';
import { checkThrough } from './check-through.ts';
import { uncoveredCategories } from './coverage.ts';
import { declaredIn } from './declarations.ts';
import { loadPolicyFiles, type PolicyFile, type PolicySources } from './load.ts';
import { mergeDataMaps, warnOfUnusualCategories } from './merge-data-maps.ts';
import { warnOfUnusualObjects } from './object-names.ts';
import { parsePolicyFiles } from './parse.ts';
import { compilePolicy } from './policy.ts';
import { readsOf } from './reads.ts';
import { checkTokensAreKept, storedFields } from './stored.ts';
import { checkConsentPurposes, type NamedWord, undeclaredWords, wordsNamed } from './undeclared.ts';

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
  if (loaded.problems.length === 0) return compiled;
  const problems = 'problems' in compiled ? compiled.problems : [];
  return { problems: sortProblems([...loaded.problems, ...problems]), warnings: compiled.warnings };
}

/** Compiles files into one snapshot. Pure. */
export function compilePolicies(
  files: readonly PolicyFile[],
  hash: string,
  options: CompileOptions,
): Compiled {
  const parsed = parsePolicyFiles(files);
  const problems: Problem[] = [...parsed.problems];
  const warnings: Problem[] = [];
  const complain = collector(problems);
  const crms = mergeDataMaps(parsed.dataMaps, options.crms, complain);
  warnOfUnusualCategories(crms.values(), collector(warnings));
  const declared = parsed.declarationsComplete ? declaredIn(parsed, options.roles, complain) : {};
  problems.push(...undeclaredWords(options.named ?? [], declared));
  const ownLayer = Math.max(...files.map(({ layer }) => layer));
  const ownMaps = parsed.dataMaps.filter(({ layer }) => layer === ownLayer);
  warnOfUnusualObjects(parsed.dataMaps, ownLayer, options.crms, collector(warnings));
  checkConsentPurposes(ownMaps, declared, complain);
  const context: PolicyContext = {
    models: crms,
    mapsComplete: parsed.mapsComplete && parsed.dataMaps.every(({ content }) => crms.has(content.dataMap)),
    declared,
    conditions: createConditionCompiler(options.limits),
  };
  const { remnants } = parsed;
  checkUnique([...parsed.policies, ...remnants], complain);
  const policies = [
    ...parsed.policies.map((policy) => compilePolicy(policy, context, complain)),
    ...remnants.map((policy) => compilePolicy(policy, { ...context, isRemnant: true }, complain)),
  ].sort((a, b) => (a.id < b.id ? -1 : 1));
  if (context.mapsComplete) {
    checkFurtherFields(parsed.dataMaps, crms, complain);
    checkThrough(parsed.dataMaps, crms, complain);
    checkRequirements([...parsed.policies, ...remnants], crms.values(), declared, {
      complain,
      warn: collector(warnings),
    });
  }
  warnings.push(...uncoveredCategories(policies, crms.values(), ownLayer));
  const places = new Map(
    [...parsed.policies, ...remnants].map((policy) => [policy.content.policy, policy.source]),
  );
  const stored = new Map<string, StoredFields>(
    Array.from(crms, ([name, model]) => [name, storedFields(policies, model, places, complain)]),
  );
  checkTokensAreKept(policies, crms, stored, (policy, path, key) => {
    const source = places.get(policy);
    const message = `found token for ${key}, of which no policy with store keeps tokens`;
    if (source !== undefined) complain(source, [...path, key], message);
  });
  if (problems.length > 0) return { problems: sortProblems(problems), warnings: sortProblems(warnings) };
  const snapshot: PolicySnapshot = {
    hash,
    policies,
    crms,
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
  return { snapshot, warnings: sortProblems(warnings) };
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

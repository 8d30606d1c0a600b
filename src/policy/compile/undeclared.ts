import { nearest } from '../../document/nearest.ts';
import type { Problem } from '../../document/problem.ts';
import type { DocumentPath } from '../../document/source.ts';
import { didYouMean } from '../../document/validate.ts';
import type { Declared, DeclaredKind } from '../declared.ts';
import type {
  Complain,
  DataMapDocument,
  Placed,
  PolicyDocument,
  PrincipalMatch,
} from '../language/documents.ts';
import { exceptionsOf } from '../who.ts';
import { mappedObjects } from './mapped-objects.ts';

/** A word of the configuration, and where it stands. */
export interface NamedWord extends Omit<Problem, 'message'> {
  readonly kind: DeclaredKind;
  readonly word: string;
}

/** The complaint about an undeclared word; undefined when it is declared, or when nothing of its kind is. */
export function undeclared(kind: DeclaredKind, word: string, declared: Declared): string | undefined {
  const expected = expectedFor(kind, word, declared);
  return expected && `found unknown ${kind} "${word}", ${expected}`;
}

function expectedFor(
  kind: DeclaredKind,
  word: string,
  { roles, levels, purposes, regions }: Declared,
): string | undefined {
  const declared = { role: roles?.keys(), level: levels, purpose: purposes?.keys(), region: regions?.keys() };
  const words = declared[kind] === undefined ? undefined : [...declared[kind]];
  if (words === undefined || words.includes(word)) return undefined;
  return `expected one of ${words.join(', ')}${didYouMean(nearest(word, words))}`;
}

/** Every word of a match with its kind and its place below the match. */
export function* wordsOf(
  match: PrincipalMatch,
): Generator<readonly [kind: DeclaredKind, word: string, path: DocumentPath]> {
  const kinds = { roles: 'role', levels: 'level', purposes: 'purpose', regions: 'region' } as const;
  for (const key of ['roles', 'levels', 'purposes', 'regions'] as const) {
    for (const [index, word] of (match[key] ?? []).entries()) yield [kinds[key], word, [key, index]];
  }
}

/** The words by which policies say who they are for, and for whom they make an exception. */
export function wordsNamed(
  policies: readonly Placed<PolicyDocument>[],
): ReadonlyMap<DeclaredKind, ReadonlySet<string>> {
  const named = new Map<DeclaredKind, Set<string>>();
  for (const { content } of policies) {
    for (const match of [content.for ?? {}, ...exceptionsOf(content.for)]) {
      for (const [kind, word] of wordsOf(match)) named.set(kind, (named.get(kind) ?? new Set()).add(word));
    }
  }
  return named;
}

/** Words of the configuration that are not declared. No message repeats a value of the configuration. */
export function undeclaredWords(named: readonly NamedWord[], declared: Declared): readonly Problem[] {
  return named.flatMap(({ kind, word, file, line, column }) => {
    const expected = expectedFor(kind, word, declared);
    const message = `found a ${kind} that is not declared, ${expected}`;
    return expected === undefined ? [] : [{ file, line, column, message }];
  });
}

/**
 * Complains about undeclared purposes under `consent` of the company's own data maps. Packs may name any: they say what
 * a CRM's fields mean, whether a company has such a purpose or not.
 */
export function checkConsentPurposes(
  dataMaps: readonly Placed<DataMapDocument>[],
  declared: Declared,
  complain: Complain,
): void {
  for (const { name, mapped, source } of mappedObjects(dataMaps)) {
    for (const purpose of Object.keys(mapped.consent ?? {})) {
      const message = undeclared('purpose', purpose, declared);
      if (message !== undefined) complain(source, ['objects', name, 'consent', purpose], message, 'key');
    }
  }
}

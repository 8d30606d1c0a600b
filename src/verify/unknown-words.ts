import { nearest } from '../document/nearest.ts';
import { didYouMean } from '../document/validate.ts';
import type { Principal } from '../model/principal.ts';
import { type NamedWord, undeclared } from '../policy/compile/undeclared.ts';
import type { DeclaredKind } from '../policy/declared.ts';
import { coversPurpose } from '../policy/purposes.ts';
import type { PolicySnapshot } from '../policy/snapshot.ts';

/**
 * A line for each word of a principal that nothing knows: no declaration, or else neither a policy nor the
 * configuration. A policy would never be for whoever has a misspelt role alone.
 */
export function unknownWords(
  principal: Principal,
  { declared, named }: Pick<PolicySnapshot, 'declared' | 'named'>,
  inConfig: readonly Pick<NamedWord, 'kind' | 'word'>[],
): readonly string[] {
  return wordsOf(principal).flatMap(([kind, word]) => {
    const unknown = undeclared(kind, word, declared);
    if (unknown !== undefined) return [unknown];
    const configured = inConfig.filter((one) => one.kind === kind).map((one) => one.word);
    const known = [...new Set([...(named.get(kind) ?? []), ...configured])];
    if (isDeclared(kind, declared) || known.length === 0 || isAmong(kind, word, known)) return [];
    const near = didYouMean(nearest(word, known));
    return [`neither a policy nor the configuration names the ${kind} "${word}"${near}`];
  });
}

function wordsOf({
  roles,
  purposes,
  level,
  region,
  appRegion,
}: Principal): (readonly [DeclaredKind, string])[] {
  const one = (kind: DeclaredKind, word: string | undefined): (readonly [DeclaredKind, string])[] =>
    word === undefined ? [] : [[kind, word]];
  return [
    ...roles.flatMap((role) => one('role', role)),
    ...purposes.flatMap((purpose) => one('purpose', purpose)),
    ...one('level', level),
    ...one('region', region),
    ...one('region', appRegion),
  ];
}

function isDeclared(
  kind: DeclaredKind,
  { roles, levels, purposes, regions }: PolicySnapshot['declared'],
): boolean {
  return { role: roles, level: levels, purpose: purposes, region: regions }[kind] !== undefined;
}

/** A purpose is known by those above it. */
function isAmong(kind: DeclaredKind, word: string, known: readonly string[]): boolean {
  return known.some((one) => one === word || (kind === 'purpose' && coversPurpose(one, word)));
}

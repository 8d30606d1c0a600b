import type { DocumentPath, Position } from '../document/source.ts';
import { endOf } from '../document/until.ts';
import type { ProviderConfig } from '../identity/config.ts';
import type { NamedWord } from '../policy/compile/undeclared.ts';
import type { DeclaredKind } from '../policy/declared.ts';
import type { Grant } from '../policy/grant.ts';
import type { Config } from './config.ts';

/** Where things stand in the configuration file. */
export type PositionOf = (path: DocumentPath) => Position;

type Named = readonly [kind: DeclaredKind, word: string, path: DocumentPath];

/**
 * Every role, level, purpose and region that the configuration names. Where policies declare such words, these must be
 * declared as well.
 */
export function namedWords(
  { file, identity, restriction }: Config,
  positionOf: PositionOf,
): readonly NamedWord[] {
  const named = [
    ...identity.flatMap((provider, index) =>
      wordsOf(provider).map(([kind, word, path]): Named => [kind, word, ['identity', index, ...path]]),
    ),
    ...inList('role', restriction.visibleTo, ['restriction', 'visibleTo']),
  ];
  return named.map(([kind, word, path]) => ({ kind, word, file, ...positionOf(path) }));
}

function wordsOf(provider: ProviderConfig): Named[] {
  if ('jwt' in provider) {
    const { purposes, regions = {} } = provider.jwt;
    return [
      ...inMapping('purpose', purposes, ['jwt', 'purposes']),
      ...Object.entries(regions).map(([app, region]): Named => ['region', region, ['jwt', 'regions', app]]),
    ];
  }
  if ('crm' in provider) {
    const { roles, purposes } = provider.crm;
    return [
      ...inMapping('role', roles, ['crm', 'roles']),
      ...inMapping('purpose', purposes, ['crm', 'purposes']),
    ];
  }
  return provider.apiKey.keys.flatMap(({ roles, purposes, level, region }, index) => {
    const path = ['apiKey', 'keys', index];
    const one = (kind: 'level' | 'region', word: string | undefined): Named[] =>
      word === undefined ? [] : [[kind, word, [...path, kind]]];
    return [
      ...inList('role', roles, [...path, 'roles']),
      ...inList('purpose', purposes, [...path, 'purposes']),
      ...one('level', level),
      ...one('region', region),
    ];
  });
}

function inMapping(
  kind: DeclaredKind,
  mapping: Readonly<Record<string, readonly string[]>> = {},
  path: DocumentPath,
): Named[] {
  return Object.entries(mapping).flatMap(([key, words]) => inList(kind, words, [...path, key]));
}

function inList(kind: DeclaredKind, words: readonly string[] = [], path: DocumentPath): Named[] {
  return words.map((word, index) => [kind, word, [...path, index]]);
}

/** The keys that end by themselves. */
export function keyGrants({ file, identity }: Config, positionOf: PositionOf): readonly Grant[] {
  return identity.flatMap((provider, at) => {
    if (!('apiKey' in provider)) return [];
    return provider.apiKey.keys.flatMap(({ id, until }, index): Grant[] => {
      const end = until === undefined ? undefined : endOf(until);
      if (end === undefined) return [];
      const place = positionOf(['identity', at, 'apiKey', 'keys', index, 'until']);
      return [{ file, ...place, what: `the key of "${id}"`, end }];
    });
  });
}

import { nearest } from '../../document/nearest.ts';
import { didYouMean } from '../../document/validate.ts';
import type { Complain, Placed, RolesDocument } from '../language/documents.ts';

/** Role → the roles it names as included. */
type Includes = ReadonlyMap<string, readonly string[]>;

/** Role → itself and all it includes, however indirectly. Unknown roles and circles go to `complain`. */
export function withIncluded(
  includes: Includes,
  documents: readonly Placed<RolesDocument>[],
  complain: Complain,
): ReadonlyMap<string, readonly string[]> {
  const known = [...includes.keys()];
  for (const { content, source } of documents) {
    for (const [role, { includes: named = [] }] of Object.entries(content.roles)) {
      for (const [index, included] of named.entries()) {
        const message = includes.has(included)
          ? circle(role, included, includes)
          : `found unknown role "${included}", expected one of ${known.join(', ')}${didYouMean(nearest(included, known))}`;
        if (message !== undefined) complain(source, ['roles', role, 'includes', index], message);
      }
    }
  }
  return new Map(known.map((role) => [role, reachedFrom(role, includes)]));
}

function reachedFrom(role: string, includes: Includes): readonly string[] {
  const reached = new Set([role]);
  // A set grows while it is walked, and a role that is there already is not walked again.
  for (const next of reached) for (const included of includes.get(next) ?? []) reached.add(included);
  return [...reached];
}

function circle(role: string, included: string, includes: Includes): string | undefined {
  if (!reachedFrom(included, includes).includes(role)) return undefined;
  return role === included
    ? `found a role that includes itself: "${role}"`
    : `found a circle: "${role}" includes "${included}", which includes "${role}"`;
}

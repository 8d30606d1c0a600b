import type { Identifier } from './identifier.ts';

/** Groups items that share an identifier, directly or through others (disjoint sets). */
export function groupsOf<Item extends { readonly identifiers: readonly Identifier[] }>(
  items: readonly Item[],
): readonly (readonly Item[])[] {
  const leaders = new Map<Identifier, Identifier>();
  const leaderOf = (identifier: Identifier): Identifier => {
    let leader = identifier;
    for (;;) {
      const next = leaders.get(leader) ?? leader;
      if (next === leader) break;
      leader = next;
    }
    leaders.set(identifier, leader);
    return leader;
  };
  for (const { identifiers } of items) {
    const [first = '', ...others] = identifiers;
    for (const other of others) leaders.set(leaderOf(other), leaderOf(first));
  }
  return [...Map.groupBy(items, ({ identifiers: [first = ''] }) => leaderOf(first)).values()];
}

import { type CrmTraits, compoundsOf, foldName } from '../data-map.ts';
import type { Treating } from './field-view.ts';

/** Folded field name → everything that policies do to the field. */
export type Treatments = Map<string, { readonly name: string; readonly by: Treating[] }>;

export function copyOf(treatments: Treatments): Treatments {
  return new Map(Array.from(treatments, ([key, { name, by }]) => [key, { name, by: [...by] }]));
}

/** What is hidden of a part is hidden of the whole. */
export function addToCompounds(treatments: Treatments, traits: CrmTraits): void {
  for (const part of treatments.values()) {
    for (const name of compoundsOf(traits, part.name)) {
      const key = foldName(traits, name);
      const entry = treatments.get(key) ?? { name, by: [] };
      entry.by.push(...part.by);
      treatments.set(key, entry);
    }
  }
}

/** What policies do to a field in any of several objects. */
export function united(all: readonly Treatments[]): Treatments {
  const treatments: Treatments = new Map();
  for (const [key, { name, by }] of all.flatMap((one) => [...one])) {
    const entry = treatments.get(key) ?? { name, by: [] };
    // When the object cannot be known, neither can the meaning of its fields: every condition counts as true.
    entry.by.push(...by.map(({ treatment, policy }) => ({ treatment, policy })));
    treatments.set(key, entry);
  }
  return treatments;
}

import { hash } from 'node:crypto';
import { recordConditionsOf } from '../compiled-policy.ts';
import type { PolicyObjectView } from './object-view.ts';
import type { ViewInput } from './view-draft.ts';

/**
 * First 64 bits, in hex, of a SHA-256 over everything that decides what is shown: treatments, row conditions and what
 * they compare with.
 */
export function digestOf(
  { model, policies, principal, meanings, operations, unclassifiedField, stored }: ViewInput,
  objects: ReadonlyMap<string, PolicyObjectView>,
  stranger: PolicyObjectView,
): string {
  const describe = ({ object, treated, rows, requirements, through }: PolicyObjectView): unknown => [
    object,
    through ?? [],
    treated.map(({ field, treatment }) => [field, treatment]),
    rows.map(({ policy, needs, equals }) => [policy, needs, equals]),
    (requirements ?? []).map(({ policy, purpose, otherwise, flag, allowsUnknown }) => [
      policy,
      purpose,
      otherwise,
      flag ?? null,
      allowsUnknown,
    ]),
  ];
  const distinct = [...new Set(objects.values())].sort((a, b) => (a.object < b.object ? -1 : 1));
  const conditions = policies.flatMap((policy) =>
    recordConditionsOf(policy).map(({ source, recordNames, principalNames, readsKind, readsObjects }) => [
      policy.id,
      source,
      recordNames.map((name) => [...(meanings.get(name)?.words ?? [])]),
      principalNames.map((name) => principal[name] ?? null),
      readsKind ? operations.map(({ kind }) => kind) : null,
      readsObjects ? (operations[0]?.objects ?? null) : null,
    ]),
  );
  const description = [
    model.traits.name,
    unclassifiedField,
    [...distinct, stranger].map(describe),
    conditions,
    Array.from(stored, ([object, fields]) => [object, ...fields.keys()]),
  ];
  return hash('sha256', JSON.stringify(description)).slice(0, 16);
}

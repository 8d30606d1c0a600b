import type { Operation, OperationKind } from '../model/operation.ts';
import type { Caller } from './caller.ts';
import type { CompiledPolicy } from './compiled-policy.ts';
import { type CrmModel, foldName } from './data-map.ts';
import type { PolicySnapshot } from './snapshot.ts';
import { steppedUp } from './step-up.ts';

/**
 * Writes: most are answered with the record as it now stands, and whoever may not read a value must not get it by writing another. Whoever may
 * not read a record must not change it either, or take it away.
 */
const WRITES: ReadonlySet<OperationKind> = new Set(['create', 'update', 'delete', 'merge']);

/** Policies that have something to say about an operation, by what they do; each in order of id. */
export interface PoliciesInForce {
  readonly denying: readonly CompiledPolicy[];
  /** Those that are bound to a purpose, where the request has none: it is denied. */
  readonly aimless: readonly CompiledPolicy[];
  readonly showing: readonly CompiledPolicy[];
  readonly limiting: readonly CompiledPolicy[];
}

/** @param at the last end of a grant that is over */
export function policiesInForce(
  snapshot: PolicySnapshot,
  model: CrmModel,
  { caller, at }: { readonly caller: Caller; readonly at: number },
  { kind, otherKinds = [], objects }: Pick<Operation, 'kind' | 'otherKinds' | 'objects'>,
): PoliciesInForce {
  const operation = { kind, objects };
  const isOn = (policy: CompiledPolicy, kinds: readonly OperationKind[]): boolean =>
    (policy.operations === undefined
      ? kind !== 'auth'
      : kinds.some((each) => policy.operations?.has(each) === true)) &&
    // What cannot be decided is no reason to let go.
    policy.when?.evaluate({ principal: caller, operation }) !== false;
  const inForce = (policy: CompiledPolicy, kinds: readonly OperationKind[]): boolean =>
    policy.who.isFor(caller, at) && isOn(policy, kinds);
  const kinds = [kind, ...otherKinds];
  const shownAs = kinds.some((each) => WRITES.has(each)) ? [...kinds, 'read' as const] : kinds;
  const policies = snapshot.policies.map((policy) => steppedUp(policy, caller));
  const disclosing = kind === 'auth' ? [] : policies.filter((policy) => inForce(policy, shownAs));
  return {
    denying: policies.filter((policy) => denies(policy, model, operation) && inForce(policy, kinds)),
    aimless: policies.filter(
      (policy) =>
        mayHide(kind) &&
        policy.who.lacksPurpose(caller, at) &&
        reaches(policy, model, objects, true) &&
        isOn(policy, shownAs),
    ),
    showing: disclosing.filter(
      ({ show, rows, require }) => show.length > 0 || rows !== undefined || require !== undefined,
    ),
    limiting: disclosing.filter(({ limit }) => limit !== undefined),
  };
}

/** Whether records may be in the answer. */
function mayHide(kind: OperationKind): boolean {
  return kind !== 'auth' && kind !== 'metadata';
}

interface Target {
  readonly kind: OperationKind;
  readonly objects: readonly string[];
}

function denies(policy: CompiledPolicy, model: CrmModel, operation: Target): boolean {
  return policy.deny !== undefined && reaches(policy, model, operation.objects, mayHide(operation.kind));
}

/** Whether an operation is one that a policy has something to say about, for the record. */
export function touches(policy: CompiledPolicy, model: CrmModel, operation: Target): boolean {
  if (operation.kind === 'metadata' && policy.operations === undefined) return false;
  return reaches(policy, model, operation.objects, true);
}

/** Whether a policy is on one of the objects. @param untold the answer where the operation does not tell its objects and may be on any */
export function reaches(
  policy: CompiledPolicy,
  model: CrmModel,
  objects: readonly string[],
  untold: boolean,
): boolean {
  if (policy.objects === undefined) return true;
  const on = policy.objects?.get(model.traits.name);
  if (on === undefined || on.size === 0) return false;
  if (objects.length === 0 || objects.includes('*')) return untold;
  return objects.some((object) => on.has(foldName(model.traits, object)));
}

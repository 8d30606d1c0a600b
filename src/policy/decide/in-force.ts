import type { Operation, OperationKind } from '../../model/operation.ts';
import type { Caller } from '../caller.ts';
import type { CompiledPolicy } from '../compiled-policy.ts';
import type { ConditionOperation } from '../condition.ts';
import { type CrmModel, foldName } from '../data-map.ts';
import type { PolicySnapshot } from '../snapshot.ts';
import { steppedUp } from '../step-up.ts';

/**
 * Kinds of write. Policies on reading hold for them too: most writes are answered with the whole record, so that a
 * value could be read by writing another, and a principal who may not read a record must not change or delete it
 * either.
 */
const WRITES: ReadonlySet<OperationKind> = new Set(['create', 'update', 'delete', 'merge']);

/** The policies that apply to an operation, by effect; each list in order of id. */
export interface PoliciesInForce {
  readonly denying: readonly CompiledPolicy[];
  /** Those bound to a purpose, when the request has none: then it is denied. */
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
  const isOn = ({ operations, when }: CompiledPolicy, kinds: readonly OperationKind[]): boolean =>
    kinds.some(
      (each) =>
        (operations === undefined ? kind !== 'auth' : operations.has(each)) &&
        // A condition that cannot be decided counts as true.
        when?.evaluate({ principal: caller, operation: conditionOperation(model, each, objects) }) !== false,
    );
  const inForce = (policy: CompiledPolicy, kinds: readonly OperationKind[]): boolean =>
    policy.who.isFor(caller, at) && isOn(policy, kinds);
  const kinds = [kind, ...otherKinds];
  const shownAs = kindsShown({ kind, otherKinds });
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

/** Whether the answer may hold records. */
function mayHide(kind: OperationKind): boolean {
  return kind !== 'auth' && kind !== 'metadata';
}

/** All that policies on what is shown may call an operation. */
function kindsShown({
  kind,
  otherKinds = [],
}: Pick<Operation, 'kind' | 'otherKinds'>): readonly OperationKind[] {
  const kinds = [kind, ...otherKinds];
  return kinds.some((each) => WRITES.has(each)) ? [...kinds, 'read'] : kinds;
}

/** An operation as conditions on records read it, once for each kind that it counts as where records are shown. */
export function asConditionsReadIt(
  model: CrmModel,
  operation: Pick<Operation, 'kind' | 'otherKinds' | 'objects'>,
): readonly ConditionOperation[] {
  return kindsShown(operation).map((kind) => conditionOperation(model, kind, operation.objects));
}

/** An operation that carries records but does not tell of which objects may be on any: nothing is known of them. */
function conditionOperation(
  { traits, objects: mapped }: CrmModel,
  kind: OperationKind,
  objects: readonly string[],
): ConditionOperation {
  if (isUntold(objects) && mayHide(kind)) return { kind };
  return { kind, objects: objects.map((name) => mapped.get(foldName(traits, name))?.name ?? name) };
}

function isUntold(objects: readonly string[]): boolean {
  return objects.length === 0 || objects.includes('*');
}

interface Target {
  readonly kind: OperationKind;
  readonly objects: readonly string[];
}

function denies(policy: CompiledPolicy, model: CrmModel, operation: Target): boolean {
  return policy.deny !== undefined && reaches(policy, model, operation.objects, mayHide(operation.kind));
}

/** Whether a policy applies to an operation, for the audit trail. */
export function touches(policy: CompiledPolicy, model: CrmModel, operation: Target): boolean {
  if (operation.kind === 'metadata' && policy.operations === undefined) return false;
  return reaches(policy, model, operation.objects, true);
}

/** Whether a policy is on one of the objects. @param untold the result when the operation does not tell its objects */
export function reaches(
  policy: CompiledPolicy,
  model: CrmModel,
  objects: readonly string[],
  untold: boolean,
): boolean {
  if (policy.objects === undefined) return true;
  const on = policy.objects?.get(model.traits.name);
  if (on === undefined || on.size === 0) return false;
  if (isUntold(objects)) return untold;
  return objects.some((object) => on.has(foldName(model.traits, object)));
}

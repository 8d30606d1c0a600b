import type { OperationKind } from '../model/operation.ts';
import type { Principal } from '../model/principal.ts';
import type { TokenForm } from '../model/stored.ts';
import type { Treatment } from '../model/treatment.ts';
import type { Condition } from './condition.ts';
import type { LimitRule } from './limit.ts';
import type { Who } from './who.ts';

/** The fields that a line of `show` or `store` is about. */
export interface FieldRule {
  /** Category, branch (`contact.*`) or field name. */
  readonly key: string;
  /** True when the key is the name of a field. */
  readonly isField: boolean;
}

/** One line of `store`. */
export interface StoreRule extends FieldRule {
  readonly form: TokenForm;
}

/** One line of `show`. */
export interface ShowRule extends FieldRule {
  readonly treatment: Treatment;
}

/** `require`, checked. */
export interface RequireRule {
  readonly purpose: string;
  /** A person who has said nothing counts as having agreed. */
  readonly allowsUnknown: boolean;
  /** What happens where the requirement is not met. A list: treatments of the record's fields. */
  readonly otherwise: 'omit-record' | 'deny' | readonly ShowRule[];
}

/** What a policy does to callers whose login is not strong enough. */
export interface StepUp {
  readonly isMet: (principal: Principal) => boolean;
  /** Effects of the policy where the requirement is not met, beside its other ones. */
  readonly otherwise: {
    readonly deny: string | undefined;
    readonly show: readonly ShowRule[];
    /** No record is shown. */
    readonly omits: boolean;
  };
}

/** One policy, checked, in the form that `decide` reads. */
export interface CompiledPolicy {
  readonly id: string;
  readonly who: Who;
  /** Undefined: all kinds but `auth` (see `decide`). */
  readonly operations: ReadonlySet<OperationKind> | undefined;
  /** CRM → folded names of the objects it is on; undefined: all objects of all CRMs. */
  readonly objects: ReadonlyMap<string, ReadonlySet<string>> | undefined;
  readonly when: Condition | undefined;
  readonly show: readonly ShowRule[];
  readonly store: readonly StoreRule[];
  readonly rows: Condition | undefined;
  readonly require: RequireRule | undefined;
  readonly deny: string | undefined;
  readonly stepUp: StepUp | undefined;
  readonly limit: LimitRule | undefined;
}

/** True when the policy's `when` reads records and not only the request. */
export function asksRecords(policy: CompiledPolicy): policy is CompiledPolicy & { readonly when: Condition } {
  return policy.when !== undefined && policy.when.recordNames.length > 0;
}

/** The conditions of a policy that are evaluated record by record. */
export function recordConditionsOf(policy: CompiledPolicy): readonly Condition[] {
  return [policy.rows, asksRecords(policy) ? policy.when : undefined].filter((one) => one !== undefined);
}

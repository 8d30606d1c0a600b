import type { OperationKind } from '../model/operation.ts';
import type { TokenForm } from '../model/stored.ts';
import type { Treatment } from '../model/treatment.ts';
import type { Condition } from './condition.ts';
import type { CrmModel } from './data-map.ts';
import type { Declared } from './declarations.ts';
import type { Grant } from './grant.ts';
import type { LimitRule } from './limit.ts';
import type { Meanings } from './meaning.ts';
import type { Restriction } from './restriction.ts';
import type { Login, StepUp } from './step-up.ts';
import type { StoredFields } from './stored.ts';
import type { Who } from './who.ts';

/** What is done to the fields of unknown meaning; `posture.unclassifiedField` of the configuration. */
export type UnclassifiedField = 'show' | 'redact';

/** What a line of `show` or `store` is about. */
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
  /** Whoever has said nothing counts as having agreed. */
  readonly allowsUnknown: boolean;
  /** A list: what is done to the record's fields. */
  readonly otherwise: 'omit-record' | 'deny' | readonly ShowRule[];
}

/** One policy, checked, in the form that `decide` reads. */
export interface CompiledPolicy {
  readonly id: string;
  readonly who: Who;
  /** Undefined: all but `auth` (see `decide`). */
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

/** True when the policy's `when` is about records and not only about the request. */
export function asksRecords(policy: CompiledPolicy): policy is CompiledPolicy & { readonly when: Condition } {
  return policy.when !== undefined && policy.when.recordNames.length > 0;
}

/** Every condition of a policy that is asked record by record. */
export function recordConditionsOf(policy: CompiledPolicy): readonly Condition[] {
  return [policy.rows, asksRecords(policy) ? policy.when : undefined].filter((one) => one !== undefined);
}

/** All policies and data maps in force at one moment. Immutable; replaced as a whole. */
export interface PolicySnapshot {
  /** SHA-256, hex, over names and contents of the files. */
  readonly hash: string;
  /** In order of id. */
  readonly policies: readonly CompiledPolicy[];
  /** By CRM name. */
  readonly crms: ReadonlyMap<string, CrmModel>;
  /** By CRM name. */
  readonly stored: ReadonlyMap<string, StoredFields>;
  readonly declared: Declared;
  readonly meanings: Meanings;
  /** Exceptions that end by themselves, in order of their end. */
  readonly grants: readonly Grant[];
  readonly unclassifiedField: UnclassifiedField;
  readonly restriction: Restriction;
  /** Bound of the plans remembered for this snapshot. */
  readonly viewCacheMax: number;
  /** What policies read beyond the principal's class and the operation's kind. */
  readonly reads: {
    readonly id: boolean;
    readonly crmUserId: boolean;
    readonly team: boolean;
  };
  /** Ways to have logged in that policies tell apart; empty: none does. */
  readonly logins: readonly Login[];
}

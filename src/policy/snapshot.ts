import type { StoredField } from '../model/stored.ts';
import type { CompiledPolicy } from './compiled-policy.ts';
import type { Restriction } from './config.ts';
import type { CrmModel } from './data-map.ts';
import type { Declared, DeclaredKind } from './declared.ts';
import type { Grant } from './grant.ts';
import type { Meanings } from './meaning.ts';
import type { Login } from './step-up.ts';

/** Stands for every object in the CRM at once, and for those that no data map knows. */
export const ANY_OBJECT = '*';

/**
 * Folded object name → folded field name → what the CRM keeps of the field. Objects without stored fields are left out;
 * `*`: the objects that no data map knows.
 */
export type StoredFields = ReadonlyMap<string, ReadonlyMap<string, StoredField>>;

/** What happens to fields that no data map classifies; `posture.unclassifiedField` of the configuration. */
export type UnclassifiedField = 'show' | 'redact';

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
  /** The words by which policies say who they are for. */
  readonly named: ReadonlyMap<DeclaredKind, ReadonlySet<string>>;
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
  /** The kinds of login that policies tell apart; empty: none does. */
  readonly logins: readonly Login[];
}

import type { OperationKind } from './operation.ts';
import type { IdentifiedVia } from './principal.ts';

/** How one field was shown, and how often. Holds names only, never values. */
export interface FieldReport {
  readonly object: string;
  readonly field: string;
  readonly treatment: string;
  readonly count: number;
  /** Ids of the policies behind it. */
  readonly policies?: readonly string[];
}

/** How many records were left out, or treated, for one reason. Holds names only, never values. */
export interface RecordReport {
  readonly object: string;
  readonly policy: string;
  /** One of a few texts, such as `marketing.email: withdrawn`. */
  readonly reason: string;
  readonly count: number;
}

/**
 * Why a credential was refused. `unknown`: it is nobody's. `expired`: it is no longer valid, or not yet. `unanswered`:
 * the CRM, or the host of the signing keys, did not answer. `locked`: it was not looked at.
 */
export type LoginRefusal = 'unknown' | 'expired' | 'unanswered' | 'locked';

/** What happened to a credential. Never holds the credential itself. */
export interface Login {
  readonly outcome: 'accepted' | 'refused' | 'locked' | 'unlocked';
  readonly via?: IdentifiedVia;
  readonly because?: LoginRefusal;
  /** What was locked or unlocked. */
  readonly what?: 'credential' | 'address';
  /** Keyed HMAC of the credential that is locked. */
  readonly name?: string;
  /** Keyed HMAC of the client's network: an IPv4 address, or the first 64 bits of an IPv6 address. */
  readonly address?: string;
  /** How often it happened since the last such event. */
  readonly count: number;
}

/** A command that changed the state or exported from it. Never holds a value of a record. */
export interface Command {
  /** As it is typed, such as `consent import`. */
  readonly name: string;
  /** Account of the operating system and name of the machine. */
  readonly account: string;
  readonly host: string;
  /** SHA-256, hex, of the files that it read or wrote. */
  readonly files?: readonly string[];
  /** The result in numbers, by name. */
  readonly counts?: Readonly<Record<string, number>>;
}

/** What an audit event says, before the chain gives it its place. */
export interface AuditEntry {
  /**
   * `decision`: before the first response byte. `completion`: after the last. `policy`: a reload, its failure, or a
   * grant that ends. `consent`: a change in the registry. `login`: what happened to a credential. `command`: before a
   * command does anything and, with an `outcome`, when it is over.
   */
  readonly phase: 'decision' | 'completion' | 'policy' | 'consent' | 'login' | 'command';
  readonly request?: {
    readonly id: string;
    readonly method: string;
    readonly route: string;
    readonly upstream: string;
  };
  readonly principal?: {
    readonly id: string;
    readonly roles: readonly string[];
    readonly purposes: readonly string[];
    readonly via: IdentifiedVia;
  };
  readonly operation?: { readonly kind: OperationKind | 'unknown'; readonly objects: readonly string[] };
  readonly decision?: 'allow' | 'deny';
  readonly mode?: 'enforce' | 'observe';
  readonly policies?: readonly string[];
  /** Absent for commands that load no policies. */
  readonly policySet?: string;
  readonly login?: Login;
  readonly command?: Command;
  /**
   * Why a request was refused, in the words the client got. For `policy`, what happened to the snapshot or what ends;
   * for `consent`, what was said; for `login`, what happened.
   */
  readonly reason?: string;
  /** `counted`: how many of them are newly counted against a reading budget, where there is one. */
  readonly records?: { readonly seen: number; readonly omitted: number; readonly counted?: number };
  readonly fields?: readonly FieldReport[];
  /** Why records were left out. */
  readonly omissions?: readonly RecordReport[];
  /** Requirements that were not met, for which fields were treated that are otherwise shown. */
  readonly unmet?: readonly RecordReport[];
  /** Keyed HMACs of the data subjects, never their ids. */
  readonly dataSubjects?: readonly string[];
  readonly upstream?: { readonly status: number; readonly ms: number };
  readonly response?: { readonly status: number; readonly bytes: number };
  readonly outcome?: 'complete' | 'aborted' | 'failed';
}

/** An entry in its place in the chain of one instance. */
export interface AuditEvent extends AuditEntry {
  readonly v: 1;
  readonly id: string;
  readonly instance: string;
  /** Gapless per instance, from 1. */
  readonly seq: number;
  /** RFC 3339, UTC, milliseconds. */
  readonly time: string;
  /** `hash` of the event before it; 64 zeros for the first. */
  readonly prev: string;
  /** SHA-256, hex, over the RFC 8785 form of the event without `hash`. */
  readonly hash: string;
}

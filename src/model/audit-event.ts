import type { OperationKind } from './operation.ts';
import type { IdentifiedVia } from './principal.ts';

/** How one field was shown, and how often. Names only, never values. */
export interface FieldReport {
  readonly object: string;
  readonly field: string;
  readonly treatment: string;
  readonly count: number;
}

/** What an audit event says, before the chain gives it its place. */
export interface AuditEntry {
  /** `decision` before the first response byte, `completion` after; `policy` for a reload or its failure; `consent` for a change in the registry. */
  readonly phase: 'decision' | 'completion' | 'policy' | 'consent';
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
  readonly policySet: string;
  /** Why, in the words the client got; for `policy`, what happened to the snapshot; for `consent`, what was said. */
  readonly reason?: string;
  readonly records?: { readonly seen: number; readonly omitted: number };
  readonly fields?: readonly FieldReport[];
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

import type { DocumentPath, SourceDocument } from '../../document/source.ts';
import type { OperationKind } from '../../model/operation.ts';
import type { FurtherField } from '../../model/requirement.ts';
import type { TokenShape } from '../../model/stored.ts';
import type { Detector } from '../../model/treatment.ts';

/** Shapes of policy documents after validation against `POLICY_SCHEMA`. */

export interface ObjectMapDocument {
  readonly dataSubject?: {
    /** Left out where another data map says it. */
    readonly id?: string;
    readonly email?: string;
    readonly phone?: string;
    /** Field → as what else it names the person. */
    readonly also?: Readonly<Record<string, FurtherField['as']>>;
    /** What leads to further people: objects of associated records, or fields with ids of records, of this object or another. */
    readonly through?: readonly string[];
  };
  /** How ids of its records begin. */
  readonly idPrefix?: string;
  readonly owner?: string;
  readonly country?: string;
  readonly level?: string;
  readonly dates?: { readonly created?: string; readonly lastActivity?: string };
  readonly consent?: Readonly<
    Record<string, { readonly field: string; readonly granted: string | number | boolean }>
  >;
  readonly fields?: Readonly<Record<string, string | readonly string[]>>;
}

export interface DataMapDocument {
  readonly dataMap: string;
  readonly objects: Readonly<Record<string, ObjectMapDocument>>;
}

export interface RolesDocument {
  readonly roles: Readonly<
    Record<string, { readonly description?: string; readonly includes?: readonly string[] }>
  >;
}

export interface LevelsDocument {
  /** Lowest first. */
  readonly levels: readonly string[];
}

export interface PurposeDocument {
  readonly purpose: string;
  readonly description?: string;
  readonly lawfulBasis: string;
  readonly recipients?: readonly string[];
  readonly retention?: string;
}

export interface RegionDocument {
  readonly region: string;
  readonly description?: string;
  readonly countries: readonly string[];
}

/** Matches principals: every key given must match, by one of its words. */
export interface PrincipalMatch {
  readonly roles?: readonly string[];
  readonly purposes?: readonly string[];
  readonly ids?: readonly string[];
  readonly regions?: readonly string[];
  readonly levels?: readonly string[];
}

/** Who a policy is not for. `until`: when the exception ends by itself; see `endOf`. */
export interface ExceptionMatch extends PrincipalMatch {
  readonly until?: string;
}

export type TreatmentDocument =
  | 'remove'
  | 'null'
  | 'redact'
  | 'hash'
  | 'token'
  | { readonly mask: 'email' | 'initials' }
  | { readonly mask: 'keep-first' | 'keep-last'; readonly keep: number }
  | { readonly generalize: 'month' | 'year' }
  | { readonly generalize: 'range'; readonly size: number }
  | { readonly generalize: 'prefix'; readonly keep: number }
  | { readonly scan: readonly Detector[] };

/** What the CRM keeps instead of a value. */
export type StoreDocument =
  | { readonly tokenize: 'deterministic' | 'random' }
  | { readonly tokenize: 'format-preserving'; readonly as: TokenShape };

/** How callers must have proven who they are: by one of these methods or assurance levels. */
export interface AuthenticationDocument {
  readonly amr?: readonly string[];
  readonly acr?: readonly string[];
}

/** A requirement: how the caller must have logged in, or what the person a record is about must have agreed to. */
export type RequireDocument =
  | {
      readonly authentication: AuthenticationDocument;
      readonly otherwise?: 'deny' | 'omit-record' | Readonly<Record<string, TreatmentDocument>>;
    }
  | {
      readonly consent: string;
      readonly otherwise: 'deny' | 'omit-record' | Readonly<Record<string, TreatmentDocument>>;
      readonly unknown?: 'allow';
    };

export interface PolicyDocument {
  readonly policy: string;
  readonly description?: string;
  readonly for?: PrincipalMatch & { readonly except?: ExceptionMatch | readonly ExceptionMatch[] };
  readonly on?: {
    readonly objects?: readonly string[];
    readonly operations?: readonly OperationKind[];
    readonly when?: string;
  };
  readonly show?: Readonly<Record<string, TreatmentDocument>>;
  readonly store?: Readonly<Record<string, StoreDocument>>;
  readonly deny?: string;
  readonly rows?: string;
  readonly require?: RequireDocument;
  /** `per`: a number and a unit, such as `30m`. */
  readonly limit?: { readonly records: number; readonly per: string };
}

/** A document with its place. `layer`: 0 for the first included pack, rising; the company's own files come last. */
export interface Placed<Content> {
  readonly content: Content;
  readonly source: SourceDocument;
  readonly layer: number;
}

/** Collects problems at places in documents. */
export type Complain = (
  source: SourceDocument,
  path: DocumentPath,
  message: string,
  part?: 'key' | 'value',
) => void;

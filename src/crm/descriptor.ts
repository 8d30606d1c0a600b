import type { FieldPosition, OperationKind } from '../model/operation.ts';
import type { Shape } from '../model/shape.ts';

/** A shape, or the shape for the object that the request names. */
export type ShapeOf = Shape | ((object: string) => Shape);

/** A query parameter of an operation. Parameters that an operation does not declare make it unknown. */
export type ParameterDescriptor =
  /** Names no fields or records: paging, formatting. */
  | 'harmless'
  /** Read by the operation's code, so it may stand only once. */
  | 'once'
  /** As harmless, and may stand several times. */
  | { readonly repeats: true }
  /** Lists field names, separated by commas; `repeats` where the parameter may stand several times. */
  | { readonly lists: FieldPosition; readonly repeats?: true }
  /** Carries a value of this field; several where it `repeats`. */
  | { readonly field: string; readonly position: FieldPosition; readonly repeats?: true };

/** One operation of a CRM: how it is recognised, and what its request and answer hold. */
export interface OperationDescriptor {
  /** Name for metrics and audit; unique in the descriptor. */
  readonly name: string;
  readonly method: string;
  /** Patterns of literal segments, captures (`{id}`) and `{version}`. */
  readonly paths: readonly string[];
  /** The CRM is asked with a slash at the end of the path: some redirect a request without it (Django). */
  readonly endsWithSlash?: true;
  readonly kind: OperationKind;
  readonly otherKinds?: readonly OperationKind[];
  /** Object it touches, as a name or as a capture (`{object}`). */
  readonly object?: string;
  /** Capture that holds the record's id. */
  readonly id?: string;
  /** Fields that it always names. A capture in braces stands for the field in the path. */
  readonly uses?: readonly { readonly field: string; readonly position: FieldPosition }[];
  readonly parameters?: Readonly<Record<string, ParameterDescriptor>>;
  /** Parameter that lists the selected fields; when it is absent, the answer has the object's default fields. */
  readonly select?: string;
  /** Shape of a JSON body; absent: the body carries no record and passes unread. */
  readonly body?: ShapeOf;
  /** There is no body: requests that have one are refused. */
  readonly hasNoBody?: true;
  /** True when recognising it needs the body. */
  readonly readsBody?: true;
  readonly answer: AnswerDescriptor;
  readonly needsClearView?: true;
  /** See `Operation.triesSecret`. */
  readonly triesSecret?: true;
  /** Recogniser in code for what cannot be declared. */
  readonly code?: string;
}

/** What an answer is, without the shape of errors, which is the same for the whole CRM. */
export type AnswerDescriptor =
  | { readonly format: 'json'; readonly root: ShapeOf }
  | { readonly format: 'csv' }
  | { readonly format: 'plain' }
  | { readonly format: 'opaque' };

/** All that can be declared about a CRM. */
export interface Descriptor {
  readonly name: string;
  readonly namesIgnoreCase: boolean;
  readonly valuesIgnoreCase?: boolean;
  readonly pathsIgnoreCase: boolean;
  /** Hosts the CRM names itself by in links; `*.` stands for any subdomain. */
  readonly publicHosts?: readonly string[];
  /** What a `{version}` segment looks like; absent: no pattern has one. */
  readonly version?: RegExp;
  /** Query parameters that every operation may have. */
  readonly parameters: Readonly<Record<string, ParameterDescriptor>>;
  /** Fields an answer has when the request lists none, per object; an object that is not in it answers with all. */
  readonly defaultFields: ReadonlyMap<string, readonly string[]>;
  /** Fields that an answer has whether the request lists them or not: they stay in it when Privet adds them. */
  readonly constantFields?: readonly string[];
  /** Shape of every error body. */
  readonly error: Shape;
  readonly operations: readonly OperationDescriptor[];
}

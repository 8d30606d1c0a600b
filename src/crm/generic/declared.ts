import type { OperationKind } from '../../model/operation.ts';
import type { ParameterDescriptor } from '../descriptor.ts';

/** A document of a declared CRM; the schema describes each member. */
export interface DeclaredDocument {
  readonly records?: string;
  readonly object?: string;
  readonly type?: string;
  readonly id?: string;
  readonly fields?: string;
  readonly plain?: readonly string[];
  readonly related?: Readonly<Record<string, string>>;
  readonly counts?: readonly string[];
  readonly urls?: readonly string[];
  readonly ignored?: readonly string[];
}

export interface DeclaredOperation {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly kind: OperationKind;
  readonly object?: string;
  readonly id?: string;
  readonly lookup?: string;
  readonly select?: string;
  readonly parameters?: Readonly<Record<string, Exclude<ParameterDescriptor, 'once'>>>;
  readonly body?: DeclaredDocument;
  readonly answer: DeclaredDocument | 'plain' | 'csv' | 'opaque';
}

/** A CRM that a company declares itself, as `DESCRIPTOR_SCHEMA` has it. */
export interface DeclaredCrm {
  readonly crm: string;
  readonly namesIgnoreCase?: boolean;
  readonly pathsIgnoreCase?: boolean;
  readonly version?: string;
  readonly objects?: Readonly<Record<string, string>>;
  readonly parameters?: readonly string[];
  readonly denial: { readonly contentType?: string; readonly body: unknown };
  readonly operations: readonly DeclaredOperation[];
}

import type { OpenLocator } from '../model/locator.ts';
import type { FieldPosition, FieldUse, Operation } from '../model/operation.ts';
import type { CrmRequest } from '../model/request.ts';
import type { CrmAdapter, Narrowed, Narrowing } from './adapter.ts';
import type { Substitution } from './substitution.ts';

/** What a recogniser gets: the request, the captures of its path, and the operation as far as it is declared. */
export interface Recognition {
  readonly request: CrmRequest;
  readonly captures: ReadonlyMap<string, string>;
  /** Canonical object of the path, or ''. */
  readonly object: string;
  readonly open: OpenLocator;
  readonly operation: Operation;
}

/** Completes an operation; undefined when it turns out not to be a known one. @throws PrivetError BODY_UNREADABLE */
export type Recogniser = (recognition: Recognition) => Operation | undefined;

/** Narrows one kind of operation; undefined when nothing can be added. */
export type Narrower = (operation: Operation, narrowing: Narrowing) => Narrowed;

/** Replaces the values that one kind of operation compares fields with, through `substitution`. */
export type Replacer = (operation: Operation, substitution: Substitution) => Operation;

/** What cannot be declared about a CRM. */
export interface AdapterCode extends Pick<CrmAdapter, 'errorBody' | 'object' | 'readCurrent'> {
  readonly whoAmI?: CrmAdapter['whoAmI'];
  readonly locatorIn?: CrmAdapter['locatorIn'];
  readonly addresses?: CrmAdapter['addresses'];
  /**
   * Uses that a name in a parameter stands for: of a field, or of a path to one (`Account.Name`). Absent: every name is
   * a field of the object.
   */
  readonly uses?: (object: string, name: string, position: FieldPosition) => readonly FieldUse[];
  /** By the `code` of the operation. */
  readonly recognisers: Readonly<Record<string, Recogniser>>;
  /** By the name of the operation. */
  readonly narrowers: Readonly<Record<string, Narrower>>;
  /** By the name of the operation. Without one, requests whose values would have to be replaced are denied. */
  readonly replacers: Readonly<Record<string, Replacer>>;
}

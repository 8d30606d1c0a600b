import type { OpenLocator } from '../model/locator.ts';
import type { FieldPosition, FieldUse, Operation } from '../model/operation.ts';
import type { CrmRequest } from '../model/request.ts';
import type { CrmAdapter, Narrowed, Narrowing } from './adapter.ts';
import type { Substitution } from './substitution.ts';

/** What a recogniser gets: the request, what its path holds, and the operation as far as it is declared. */
export interface Recognition {
  readonly request: CrmRequest;
  readonly captures: ReadonlyMap<string, string>;
  /** Canonical object of the path, or ''. */
  readonly object: string;
  readonly open: OpenLocator;
  readonly operation: Operation;
}

/** Completes an operation; undefined when it is not a known one after all. @throws PrivetError BODY_UNREADABLE */
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
  /** What a name in a parameter names: a field, or a path to one (`Account.Name`). Absent: a field of the object. */
  readonly uses?: (object: string, name: string, position: FieldPosition) => readonly FieldUse[];
  /** By the `code` of the operation. */
  readonly recognisers: Readonly<Record<string, Recogniser>>;
  /** By the name of the operation. */
  readonly narrowers: Readonly<Record<string, Narrower>>;
  /** By the name of the operation. Without one, values are not replaced: what would need it is denied. */
  readonly replacers: Readonly<Record<string, Replacer>>;
}

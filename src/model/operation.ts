import type { CrmRequest } from './request.ts';
import type { AnswerShape, Shape } from './shape.ts';

export const OPERATION_KINDS = [
  'read',
  'search',
  'create',
  'update',
  'delete',
  'merge',
  'export',
  'bulk',
  'report',
  'file',
  'send',
  'metadata',
  'auth',
] as const;

/** What a request does in the CRM; the word policies use in `on.operations`. */
export type OperationKind = (typeof OPERATION_KINDS)[number];

/**
 * Where a request names a field. Every position but `select` and `write` lets the caller learn about the value
 * without reading it (an oracle), so it needs the field to be shown clear.
 */
export type FieldPosition =
  | 'select'
  | 'write'
  | 'filter'
  | 'sort'
  | 'group'
  | 'aggregate'
  | 'derive'
  | 'lookup'
  | 'search';

/** One naming of a field in a request. */
export interface FieldUse {
  /** Canonical object name, or `*` where the object cannot be known (then every object's field of that name counts). */
  readonly object: string;
  /** Field as the CRM spells it, or `*` for "all fields". */
  readonly field: string;
  readonly position: FieldPosition;
  /**
   * For `filter` and `lookup`: all the use does is compare the field for equality with these values (or for the contrary), as
   * written and never empty, so `CrmAdapter.replaceValues` can put tokens in their place. A use without it may do anything else; a
   * field that is used both ways stands there twice. An empty list: a filter asks whether there is a value at all; those of a look-up
   * stand in the file that is uploaded, and are replaced with all that is written there. Personal values: never to be logged.
   */
  readonly equals?: readonly string[];
  /**
   * For `filter`: it asks what stands within a text, and not only what the whole of it is or begins with; `json`: by something with a quote in it,
   * as JSON has them around its names and texts.
   */
  readonly within?: 'text' | 'json';
  /**
   * The field is of another record than those of the answer, which are chosen by it: a relationship leads to it, or a semi-join. The object
   * may be the same.
   */
  readonly elsewhere?: true;
}

/** Somebody a send reaches. Personal values: never to be logged. */
export type Recipient =
  | { readonly object: string; readonly id: string }
  | { readonly email: string }
  | { readonly phone: string };

/** A record as a request names it. `id` is a personal value where it is one of `field`: never to be logged. */
export interface NamedRecord {
  readonly object: string;
  readonly id: string;
  /** Field that `id` is a value of; absent: the record's own id. */
  readonly field?: string;
}

/** What the bytes of a request's body are. */
export type BodyShape =
  | { readonly format: 'json'; readonly root: Shape }
  | CsvBody
  /** Passed on unread: carries no record (an empty body, OAuth forms, an upload the policy has allowed). */
  | { readonly format: 'opaque' };

/** Rows of a CSV upload, each a record of one object. The header is known only when the body streams by. */
export interface CsvBody {
  readonly format: 'csv';
  readonly object: string;
  /** The CRM's own id of what is uploaded to: results name the same. */
  readonly job: string;
  /**
   * What a column does, by its header: `write` to a field of `object`, `lookup` of a record (of each object named) by a
   * value of one of its fields, or both. Undefined: no header of this CRM, so the upload is refused.
   */
  readonly columns: (header: string) => readonly FieldUse[] | undefined;
  readonly delimiter: ',' | ';' | '\t' | '|' | '^' | '`';
  /** Text of a cell that means null. An empty cell leaves the field as it is. */
  readonly nullText: string;
  /** A row that names no record makes one. */
  readonly creates?: true;
}

/** What became of the rows of an upload. */
export interface UploadResults {
  readonly upload: CsvBody;
  /** Column that has the id of the record a row has become; empty where it has become none. */
  readonly idColumn: string;
  /** The CRM has refused these rows, whatever records they name. */
  readonly areRefused: boolean;
}

/** What a request does in this CRM. Plain data: `decide` and `enforce` read it, only `crm/` makes it. */
export interface Operation {
  /** The descriptor's name for the operation, e.g. `query`. A fixed set: safe as a metric label. */
  readonly route: string;
  readonly kind: OperationKind;
  /** What else it may turn out to do (an upsert creates or updates): a policy on any of these kinds applies as well. */
  readonly otherKinds?: readonly OperationKind[];
  /** Canonical names of the objects it touches as far as the request tells. */
  readonly objects: readonly string[];
  /** Every field the request names, in every position. */
  readonly uses: readonly FieldUse[];
  /** True when the answer is computed over records instead of listing them (COUNT, GROUP BY, totals only). */
  readonly aggregates: boolean;
  /** Record id in the path, where there is one: the data subject is then known before the answer. */
  readonly recordId?: string;
  readonly body: BodyShape;
  readonly answer: AnswerShape;
  /** The rows of the answer repeat an upload. */
  readonly results?: UploadResults;
  /** Request to send upstream: the canonical request, with sealed locators opened. */
  readonly request: CrmRequest;
  /**
   * True when the answer may hold records that the request does not tell (a native locator), or the CRM says of records to others
   * what nobody sees pass (a mail from a template): only a clear view may pass.
   */
  readonly needsClearView?: true;
  /** Whom a send reaches (one of its kinds is `send`), as far as the request tells; `untold`: others too, or instead, that it does not name. */
  readonly recipients?: { readonly named: readonly Recipient[]; readonly untold: boolean };
  /** Records it changes or takes away, beside `recordId` and the records of its body. */
  readonly targets?: readonly NamedRecord[];
  /** Whom it takes out of what is sent (an unsubscribe), and the field in which the CRM keeps that; undefined: out of everything. */
  readonly withdrawn?: readonly { readonly recipient: Recipient; readonly field?: string }[];
  /** The record that the answer tells of and that does not stand in it: whose associations, whose lists. */
  readonly about?: { readonly object: string; readonly id: string };
  /** The record whose bytes are fetched (kind `file`), and the field they stand in. */
  readonly file?: { readonly object: string; readonly id: string; readonly field: string };
  /** What a follow-up page needs to know of this query; sealed into locators (see `Locators`). Absent: no follow-ups. */
  readonly continuation?: string;
}

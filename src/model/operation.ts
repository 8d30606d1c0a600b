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

/** One use of a field in a request. */
export interface FieldUse {
  /** Canonical object name, or `*` where the object cannot be known (then every object's field of that name counts). */
  readonly object: string;
  /** Field as the CRM spells it, or `*` for "all fields". */
  readonly field: string;
  readonly position: FieldPosition;
  /**
   * For `filter` and `lookup`: the use only compares the field for equality (or inequality) with these values, as
   * written and never empty, so that `CrmAdapter.replaceValues` can put tokens in their place. A use without this
   * member may do anything else; a field that is used both ways is listed twice. An empty list means, for a filter,
   * that it asks whether there is a value at all; for a look-up, that the values stand in the uploaded file and are
   * replaced there with all the others. Personal values: never to be logged.
   */
  readonly equals?: readonly string[];
  /**
   * For `filter`: it asks for something inside the text, and not only what the whole text is or begins with. `json`:
   * what it asks for has a quote in it, as JSON has around names and texts.
   */
  readonly within?: 'text' | 'json';
  /**
   * The field is of another record, by which the records of the answer are chosen, through a relationship or a
   * semi-join. The object may be the same.
   */
  readonly elsewhere?: true;
}

/** A person that a send reaches. Personal values: never to be logged. */
export type Recipient = NamedRecord | { readonly email: string } | { readonly phone: string };

/** A record as a request names it. With `field`, `id` is a personal value: never to be logged. */
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
  /** Passed on unread because it carries no record: an empty body, an OAuth form, an upload that policies allow. */
  | { readonly format: 'opaque' }
  /** There is none: a request that has one is another operation. */
  | { readonly format: 'none' };

/** Rows of a CSV upload, each a record of one object. The header is known only when the body streams by. */
export interface CsvBody {
  readonly format: 'csv';
  readonly object: string;
  /** The CRM's id of the job that is uploaded to; its results name the same. */
  readonly job: string;
  /**
   * How a column uses fields, by its header: `write` to a field of `object`, `lookup` of a record of another object by
   * a value of one of its fields, or both. Undefined: no header that this CRM knows, so the upload is refused.
   */
  readonly columns: (header: string) => readonly FieldUse[] | undefined;
  readonly delimiter: ',' | ';' | '\t' | '|' | '^' | '`';
  /** Text of a cell that means null. An empty cell leaves the field as it is. */
  readonly nullText: string;
  /** A row that names no record creates one. */
  readonly creates?: true;
  /** The object of the record that new rows belong to and a column, by its header, names by the id. */
  readonly belongsTo?: (header: string) => string | undefined;
  /** Its rows put people among those who get marketing: the records of them that a column names, by its header. */
  readonly audience?: (header: string) => readonly { readonly object: string; readonly field?: string }[];
}

/** What became of the rows of an upload. */
export interface UploadResults {
  readonly upload: CsvBody;
  /** Column with the id of the record that a row has become; the cell is empty where it has become none. */
  readonly idColumn: string;
  /** The CRM has refused these rows, even those that name a record. */
  readonly areRefused: boolean;
}

/** What a request does in this CRM. Plain data: `decide` and `enforce` read it, only `crm/` makes it. */
export interface Operation {
  /** The descriptor's name for the operation, e.g. `query`. A fixed set: safe as a metric label. */
  readonly route: string;
  readonly kind: OperationKind;
  /** Other kinds that it may turn out to be (an upsert creates or updates): policies on these apply as well. */
  readonly otherKinds?: readonly OperationKind[];
  /** Canonical names of the objects it touches, as far as the request tells. */
  readonly objects: readonly string[];
  /** Every field the request names, in every position. */
  readonly uses: readonly FieldUse[];
  /** True when the answer is computed over records instead of listing them (COUNT, GROUP BY, totals only). */
  readonly aggregates: boolean;
  /** Record id in the path, where there is one: the data subject is then known before the answer. */
  readonly recordId?: string;
  readonly body: BodyShape;
  readonly answer: AnswerShape;
  /** The rows of the answer are the results of an upload. */
  readonly results?: UploadResults;
  /** Request to send upstream: the canonical request, with sealed locators opened. */
  readonly request: CrmRequest;
  /**
   * True when the answer may hold records that the request does not name (a native locator), or when the CRM itself
   * sends data of records past Privet (a mail from a template): only a clear view may pass.
   */
  readonly needsClearView?: true;
  /**
   * Who a send reaches, when one of its kinds is `send`. `untold`: it reaches others that the request does not name.
   * `isMarketing`: those named are put among people who get marketing, whatever the request is for.
   */
  readonly recipients?: {
    readonly named: readonly Recipient[];
    readonly untold: boolean;
    readonly isMarketing?: true;
  };
  /** Records that it changes or deletes, beside `recordId` and the records of its body. */
  readonly targets?: readonly NamedRecord[];
  /** It changes which records belong together, and so who the targets are about. */
  readonly relates?: true;
  /** Records that the new ones of its body belong to from the start; without an object where that is not told. */
  readonly belongsTo?: readonly { readonly object?: string; readonly id: string }[];
  /**
   * Records about which the answer tells something without showing them: what they are related to, or what a merge took
   * from them.
   */
  readonly tellsOf?: readonly NamedRecord[];
  /** The id of a query stored in the CRM (the filters of a HubSpot list, say) whose result is the answer. */
  readonly question?: string;
  /** Who it unsubscribes, and the field in which the CRM keeps that; without a field: from everything. */
  readonly withdrawn?: readonly { readonly recipient: Recipient; readonly field?: string }[];
  /** It holds a secret, and the answer tells whether that is a right one: a login, or a look-up of a token. */
  readonly triesSecret?: true;
  /** The record whose bytes are fetched (kind `file`), and the field they stand in. */
  readonly file?: { readonly object: string; readonly id: string; readonly field: string };
  /**
   * What a follow-up page needs to know about this query; sealed into locators (see `Locators`). Absent: there are no
   * follow-up pages.
   */
  readonly continuation?: string;
}

import type { Denial, RowRule } from '../model/decision.ts';
import type { OpenLocator } from '../model/locator.ts';
import type { FieldUse, NamedRecord, Operation } from '../model/operation.ts';
import type { CrmRequest } from '../model/request.ts';
import type { WhoAmI } from '../model/who-am-i.ts';

/** A body in the CRM's own shape, so that its SDKs understand it. */
export interface NativeBody {
  readonly contentType: string;
  readonly body: string;
}

/** What has to be added to a query for the decision. */
export interface Narrowing {
  /** Fields to add per object. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
  /** Row rules to express in the query language where that is exact. */
  readonly rows: ReadonlyMap<string, readonly RowRule[]>;
}

/** The operation after narrowing, and what came of it. */
export interface Narrowed {
  readonly operation: Operation;
  /** Fields that were added and must be taken out of the answer again. */
  readonly added: ReadonlyMap<string, readonly string[]>;
  /** True when every row rule is now part of the query, so that totals and pages are right. */
  readonly rowsPushed: boolean;
}

/** How to read the current values of the records a write names. */
export interface CurrentRead {
  readonly request: CrmRequest;
  /** Record id (as `ids` gave it) → field → value. @param body the parsed JSON answer */
  readonly values: (
    body: unknown,
  ) => ReadonlyMap<string, ReadonlyMap<string, string | number | boolean | null>>;
}

/** By what records are sought: their ids, or a field. */
export interface SoughtBy {
  /** Undefined: by id. */
  readonly field?: string;
  readonly values: readonly string[];
  /** The field is no key: several records may have the same value, and one record several, separated by semicolons. */
  readonly isShared?: true;
}

/** A record as it stands in the CRM. */
export interface FoundRecord {
  /** The value it was sought by; undefined: one of them, but the answer does not tell which. */
  readonly asked: string | undefined;
  /** Its own id; undefined: the answer does not tell. */
  readonly id: string | undefined;
  readonly values: ReadonlyMap<string, string | number | boolean | null>;
}

/** How to read records that a request names. */
export interface RecordRead {
  readonly request: CrmRequest;
  /** Number of values, from the first, that this read seeks. */
  readonly covers: number;
  /** Reads the next page of an answer; undefined when there is none. Absent: there never is. */
  readonly next?: (body: unknown) => CrmRequest | undefined;
  /** The records in a page; undefined when it does not tell all of them. @param body the parsed JSON answer */
  readonly records: (body: unknown) => readonly FoundRecord[] | undefined;
}

/** How to read what records are associated with. */
export interface RelatedRead {
  readonly request: CrmRequest;
  /** Number of ids, from the first, that this read is about. */
  readonly covers: number;
  /**
   * Id of a record → all records of the other object that it is associated with. Without the records of which the
   * answer does not tell all. @param body the parsed JSON answer
   */
  readonly related: (body: unknown) => ReadonlyMap<string, readonly NamedRecord[]>;
}

/** How to read a query that is stored in the CRM. */
export interface QuestionRead {
  readonly request: CrmRequest;
  /**
   * The fields that it uses; undefined when the answer does not tell all of them.
   * @param body the parsed JSON answer
   */
  readonly uses: (body: unknown) => readonly FieldUse[] | undefined;
  /** The operation whose answer is its result, with the object of the records there, if the query tells it. */
  readonly answered: (operation: Operation, body: unknown) => Operation;
}

/** How to read what a request does, where neither the request nor its sealed locators tell. */
export interface OperationRead {
  readonly request: CrmRequest;
  /** Undefined when the answer does not tell either. @param body the parsed JSON answer */
  readonly operation: (body: unknown) => Operation | undefined;
}

/** A locator inside a text: `before + locator + after` is the text. */
export interface LocatorPlace {
  readonly before: string;
  readonly locator: string;
  readonly after: string;
}

/**
 * Replaces a value that a field is compared with by one or more alternatives (tokens under several keys); undefined: it
 * stays as it is.
 */
export type ReplaceValue = (
  use: { readonly object: string; readonly field: string },
  value: string,
) => readonly string[] | undefined;

/** Everything that Privet knows about one CRM. Pure: no I/O, no clock. */
export interface CrmAdapter {
  readonly name: string;
  /** Object and field names compare without case (Salesforce). */
  readonly namesIgnoreCase: boolean;
  /**
   * Texts are equal without regard to case, in queries and as keys of look-ups (see exact-value.ts). Absent: as they
   * are spelt.
   */
  readonly valuesIgnoreCase?: boolean;
  /** Paths compare without case. */
  readonly pathsIgnoreCase: boolean;
  /** Canonical object name; undefined when it cannot be one. */
  readonly object: (name: string) => string | undefined;
  /**
   * The object that a record's own type names; undefined when the type is not known. Absent: type and object are the
   * same.
   */
  readonly objectOfType?: (type: string) => string | undefined;
  /** Fields whose values contain that of a field, such as the address of a street; absent: there are none. */
  readonly compoundsOf?: (field: string) => readonly string[];
  /** Where a field stands once more when records of another object are people as well; absent: nowhere. */
  readonly repeatedIn?: (
    object: string,
    field: string,
  ) => { readonly object: string; readonly field: string } | undefined;
  /**
   * The one spelling of a record's id where ids are unique over all objects; absent: they are unique within one, and
   * have one spelling.
   */
  readonly globalId?: (id: string) => string;
  /** The object a record's id is of; undefined where its kind is not known. Absent: ids do not tell. */
  readonly objectOfId?: (id: string) => string | undefined;
  /** Query parameters that may stand more than once. */
  readonly repeatable: (name: string) => boolean;
  /** Request headers, in lower case, with the values that make the CRM read the names in a request as other ones. */
  readonly renamingHeaders?: ReadonlyMap<string, RegExp>;
  /** Hosts the CRM names itself by in links, such as `api.hubapi.com` or `*.my.salesforce.com`. */
  readonly publicHosts: readonly string[];
  /** True when recognising the request needs its body, which is then read whole (`limits.requestBodyBytesMax`). */
  readonly readsBody: (method: string, path: string) => boolean;
  /**
   * What the request does; undefined when the operation is not known.
   * @throws PrivetError BODY_UNREADABLE when a query or body cannot be understood
   */
  readonly recognise: (request: CrmRequest, open: OpenLocator) => Operation | undefined;
  /** Undefined where `recognise` has told everything. Absent: it always has. */
  readonly readOperation?: (operation: Operation) => OperationRead | undefined;
  /** Adds fields and row conditions to a query. `added` lists the fields that could be added. */
  readonly narrow: (operation: Operation, narrowing: Narrowing) => Narrowed;
  /**
   * Puts alternatives in place of every value that a use `equals`, and changes nothing else in the request. To be
   * called on the result of `narrow`, which starts from the query as the client wrote it; values that row rules added
   * are replaced as well. Follow-up pages and jobs are returned unchanged, since their query was sent before, and so
   * are records in a body whose own fields are the key (Salesforce's collection upsert): those are values that are
   * written.
   * @returns undefined when that cannot be done exactly, and the request must be denied: several alternatives where the
   * CRM takes one value (look-ups), a field that only some of its possible objects replace, a query that grows too long
   */
  readonly replaceValues?: (operation: Operation, replace: ReplaceValue) => Operation | undefined;
  /** Undefined where the operation's current values cannot be read. */
  readonly readCurrent: (
    operation: Operation,
    object: string,
    ids: readonly string[],
    fields: readonly string[],
  ) => CurrentRead | undefined;
  /**
   * The read that answers like the update, where the CRM refuses one that changes nothing; undefined where it does not.
   * @param body what is left of the update
   */
  readonly readUnchanged?: (operation: Operation, body: Buffer) => CrmRequest | undefined;
  /** Undefined where records of the object cannot be sought that way. */
  readonly findRecords?: (
    operation: Operation,
    object: string,
    by: SoughtBy,
    fields: readonly string[],
  ) => RecordRead | undefined;
  /**
   * What `through` of a data map may name: objects, whose records `findRelated` reads, or fields with ids of records
   * and `Object.Field` for the records that `findRecords` finds by such a field. Absent: nothing.
   */
  readonly through?: 'objects' | 'fields';
  /** The `Object.Field` in `through`, in lower case, that lead to at least one record always. */
  readonly alwaysLead?: ReadonlySet<string>;
  /** The object of the CRM's own users: no record is about whoever owns or shares it. Absent: ids never name them. */
  readonly userObject?: string;
  /**
   * Which records of another object those with these ids are associated with; undefined where the CRM does not tell.
   * @param ids not empty
   */
  readonly findRelated?: (
    operation: Operation,
    object: string,
    to: string,
    ids: readonly string[],
  ) => RelatedRead | undefined;
  /** How to read the query that `Operation.question` names; absent: the CRM stores none. */
  readonly readQuestion?: (question: string) => QuestionRead;
  /**
   * Where in the text of a shape `locator` the locator stands: the whole text, or the last part of a relative or
   * absolute URL (`/services/data/v59.0/query/01gXX-2000`). Only that part is sealed. Undefined: there is none to seal.
   */
  readonly locatorIn?: (text: string) => LocatorPlace | undefined;
  /**
   * A text of the CRM without the ids that it names of records which already have a unique value: with them a write
   * would be a look-up by that value. Absent: its texts name none.
   */
  readonly withoutIds?: (text: string) => string;
  /** Objects that the descriptor of a declared CRM names; absent for others. */
  readonly describedObjects?: readonly string[];
  /** Answer headers, in lower case, that tell the number of records: left out where records may be missing. */
  readonly countHeaders?: readonly string[];
  /**
   * Reads a record's shape `id` where that is the record's URL. A type in `standIns` does not tell the object
   * (Salesforce answers `Name` for whatever a polymorphic relationship leads to); the URL does.
   */
  readonly addresses?: {
    readonly standIns: ReadonlySet<string>;
    readonly read: (address: string) => { readonly object: string; readonly id: string } | undefined;
  };
  /**
   * Field that holds a record's own id where nothing else does (CSV); absent: no field has this meaning in all objects.
   */
  readonly idField?: string;
  /** An error body in the CRM's own shape, for an HTTP status. */
  readonly errorBody: (status: number, denial: Denial, accept: string, requestId: string) => NativeBody;
  /** The field that the CRM itself changes along with this one; absent, or undefined: there is none. */
  readonly twinOf?: (field: string) => string | undefined;
  /** Fields that hold a record's own id, lower case. */
  readonly ownIds?: ReadonlySet<string>;
  /** The one spelling of a user's id in which records name their owners; absent: ids have one spelling only. */
  readonly userId?: (id: string) => string;
  /** How the CRM itself says whose a bearer token is. */
  readonly whoAmI?: WhoAmI;
}

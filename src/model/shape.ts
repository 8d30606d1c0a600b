/**
 * What stands where in a JSON document. Adapters (`crm/`) describe answers and request bodies by shapes; the streaming
 * rewriter (`media/json`) walks a document along its shape. A shape is structure only: what is done to a field is up to
 * the decision.
 */
export type Shape =
  | RecordShape
  | FieldsShape
  | ObjectShape
  | ArrayShape
  /** Holds nothing personal: passes untouched. */
  | { readonly is: 'plain' }
  /** The object type of the nearest enclosing record (Salesforce `attributes.type`). */
  | { readonly is: 'type' }
  /** The id of the nearest enclosing record, where it is not itself a field. */
  | { readonly is: 'id' }
  /** A paging locator or job id: sealed to the principal and the query when the view is not clear. */
  | { readonly is: 'locator' }
  /** An absolute URL of the CRM: led back through the proxy. */
  | { readonly is: 'url' }
  /**
   * A count of records. It would reveal those left out, so it becomes null when records are left out after the CRM has
   * counted.
   */
  | { readonly is: 'count' }
  /** Text written by the CRM that may echo values (error messages): scanned. Containers: every string in them. */
  | { readonly is: 'text' };

/** A record: the unit that is decided on, held in one window and shown, treated or omitted as a whole. */
export interface RecordShape {
  readonly is: 'record';
  /** Canonical object name; absent when the record names its own type (a member with shape `type`). */
  readonly object?: string;
  /** Members that are not fields. */
  readonly members: Readonly<Record<string, Shape>>;
  /** What any other member is: a field of this record, or a value of the given shape. */
  readonly others: 'field' | Shape;
  /**
   * Shape of an object or array that stands as a field's value (related records); absent: part of the field's value.
   */
  readonly nested?: Shape;
}

/** An object whose members are fields of the nearest enclosing record (HubSpot `properties`). */
export interface FieldsShape {
  readonly is: 'fields';
}

export interface ObjectShape {
  readonly is: 'object';
  readonly members: Readonly<Record<string, Shape>>;
  readonly others: Shape;
}

export interface ArrayShape {
  readonly is: 'array';
  readonly items: Shape;
}

/** What stands in a column of CSV: a field; words of the CRM, which may echo values; or nothing personal. */
export type ColumnShape =
  | { readonly object: string; readonly field: string }
  | { readonly is: 'text' }
  | { readonly is: 'plain' };

/** What the answer to an operation is. */
export type AnswerShape =
  | { readonly format: 'json'; readonly root: Shape; readonly error: Shape }
  /**
   * `columns`: CSV header in lower case → what it is; any other header is a field of `object`. `isWhole`: they are all
   * columns that the client asked for, and any other was added to the query by Privet.
   */
  | {
      readonly format: 'csv';
      readonly object: string;
      readonly columns: Readonly<Record<string, ColumnShape>>;
      readonly isWhole?: boolean;
      readonly error: Shape;
    }
  /** Holds no record: passes. */
  | { readonly format: 'plain'; readonly error: Shape }
  /** Bytes that cannot be inspected (files): only for principals who may see everything. */
  | { readonly format: 'opaque'; readonly error: Shape };

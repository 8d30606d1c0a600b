import type { ByteEdit } from './byte-edit.ts';
import type { MemoizedText } from './text-memo.ts';

/** `records`: an object or array that holds records, each of which has been shown or left out by itself. */
export type ValueKind = 'string' | 'number' | 'boolean' | 'null' | 'container' | 'records';

/**
 * One record while its bytes are still held: its fields can be read and edited, whatever the format. Valid only during
 * the call it is handed to; rewriters reuse one object for all records.
 */
export interface RecordCursor {
  /** As the shape says, or as the record itself says; undefined when it does not. */
  readonly object: string | undefined;
  /** Value of a member of shape `id`; undefined where the id is a field. */
  readonly id: string | undefined;
  /** How many records enclose it. */
  readonly depth: number;
  /** Number of fields, duplicates counted each. */
  readonly size: number;
  readonly name: (index: number) => string;
  /** Small number that stands for the name in the rewriter's NameTable; -1 when the table is full. */
  readonly nameId: (index: number) => number;
  readonly kind: (index: number) => ValueKind;
  /**
   * Decoded text of a string; the lexeme of a number or boolean, or the JSON of a container, as it stands on the wire.
   */
  readonly text: (index: number) => string;
  /** True for a container, and for a string that may itself hold JSON (see held-json.ts). */
  readonly mayHoldJson: (index: number) => boolean;
  /** The memo's result for that text. */
  readonly memoized: (index: number, memo: MemoizedText) => string;
  /** The memo's result for `id`. */
  readonly memoizedId: (memo: MemoizedText) => string | undefined;
  /**
   * Copies that text in UTF-8 to `to` at `at`; null has no text.
   * @returns the position after it; -1 when there is no room, or when the bytes would have to be decoded first
   */
  readonly copyText: (index: number, to: Buffer, at: number) => number;
  /** The same of `id`. */
  readonly copyId: (to: Buffer, at: number) => number;
  readonly setString: (index: number, text: string) => void;
  /** Edits a string by its bytes. False: that cannot be done with this one; ask for its text. */
  readonly editString: (index: number, edit: ByteEdit) => boolean;
  /** `lexeme` must be a JSON number, boolean or null. */
  readonly setLiteral: (index: number, lexeme: string) => void;
  /** Puts other JSON in the place of a container. */
  readonly setContainer: (index: number, json: string) => void;
  /** Takes the field out of the record (a CSV cell is emptied: its column stays). */
  readonly remove: (index: number) => void;
}

/** A value outside records that the rewriter hands over because of its shape. */
export type SpecialKind = 'locator' | 'url' | 'count' | 'text';

/** What a rewriter asks about a document. */
export interface DocumentHandler {
  /** A record closed (nested ones before the record around them). False: leave it out. */
  readonly record: (record: RecordCursor) => boolean;
  /**
   * New text for a special value, null for JSON null, undefined to leave its bytes as they are.
   * @param depth how many records it stands in
   */
  readonly special: (kind: SpecialKind, text: string, depth: number) => string | null | undefined;
}

/** In place of what was noted about a record: it stays as it is, and does not come back. */
export const STAYS: unique symbol = Symbol('stays');

/** What is asked about a document whose records are decided on only when something has been looked up. */
export interface NotingHandler<Noted> {
  /**
   * A record closed: notes what has to be looked up for it. The result comes back with the record. It cannot be edited
   * yet.
   */
  readonly note: (record: RecordCursor) => Noted | typeof STAYS;
  /**
   * A special value stands within `depth` records. What it becomes is asked when everything before it has been decided
   * on.
   */
  readonly noteSpecial: (kind: SpecialKind, text: string, depth: number) => void;
  /** The record is there again. False: leave it out. */
  readonly decide: (record: RecordCursor, noted: Noted) => boolean;
  readonly special: DocumentHandler['special'];
}

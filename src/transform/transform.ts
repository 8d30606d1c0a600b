import type { Limits } from '../limits.ts';
import type { ByteEdit } from '../media/byte-edit.ts';
import type { Treatment } from '../model/treatment.ts';

/**
 * A privacy operation on one value. A value's JSON type survives or becomes null: a string gives a string or null, a
 * number gives a number or null, everything else gives null. An empty string stays empty wherever the structure is
 * kept.
 */
export interface Transform {
  readonly treatment: Treatment;
  /** What becomes of the member itself: `keep` asks the functions below, `null` and `remove` need not. */
  readonly structure: 'keep' | 'null' | 'remove';
  /** @param text decoded text of a JSON string or CSV cell */
  readonly string: (text: string) => string | null;
  /** `string` without making one, for texts that it can read so: what the two give is the same. */
  readonly bytes?: ByteEdit;
  /** @param lexeme a JSON number as it stands on the wire; the result is a JSON number too */
  readonly number: (lexeme: string) => string | null;
  readonly boolean: () => null;
  /** For an object or array that stands as a value. */
  readonly container: () => null;
  /**
   * True when the text can only come from this transform, whole or edited afterwards: it must not be written over the
   * real value. False for products that a real value could equal (a date, a number).
   */
  readonly recognises: (text: string) => boolean;
}

/** What transforms need from around them. */
export interface TransformContext {
  /** Name of the field, so that hashes of two fields cannot be joined. */
  readonly field: string;
  /** Keyed hash with a key of its own per field: base64url, 128 bits or more. */
  readonly hash: (field: string, text: string) => string;
  readonly limits: Pick<Limits, 'scanBytesMax'>;
}

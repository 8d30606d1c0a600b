import { PrivetError } from '../../errors.ts';
import type { Limits } from '../../limits.ts';
import { createJsonRewriter } from '../../media/json/json-rewriter.ts';
import type { NameTable } from '../../media/name-table.ts';
import type { RecordCursor } from '../../media/record.ts';
import { MediaError } from '../../media/rewriter.ts';
import type { BodyShape, Operation } from '../../model/operation.ts';

export interface WalkTools {
  readonly names: NameTable;
  readonly limits: Limits;
}

/**
 * Hands over every record of a JSON body, to be read and edited.
 * @returns the body with its edits; other bodies as they are
 * @throws PrivetError REQUEST_MALFORMED, REQUEST_TOO_LARGE
 */
export function walkBody(
  shape: BodyShape,
  body: Buffer,
  { names, limits }: WalkTools,
  record: (record: RecordCursor) => void,
): Buffer {
  if (shape.format !== 'json') return body;
  const handler = {
    record: (one: RecordCursor) => {
      record(one);
      return true;
    },
    special: () => undefined,
  };
  try {
    const rewriter = createJsonRewriter({ shape: shape.root, handler, names, limits, duplicates: 'refuse' });
    return Buffer.concat([rewriter.push(body), rewriter.end()]);
  } catch (error) {
    throw error instanceof MediaError ? unreadableBody(error) : error;
  }
}

/** The refusal of a body that cannot be read. */
export function unreadableBody(error: MediaError): PrivetError {
  const code = error.reason === 'limit' ? 'REQUEST_TOO_LARGE' : 'REQUEST_MALFORMED';
  return new PrivetError(code, error.message);
}

/** The object of a record in a body; `*` when neither the record nor the request tells. */
export function writtenObject(record: RecordCursor, { objects: [only, ...others] }: Operation): string {
  return record.object ?? (others.length === 0 ? only : undefined) ?? '*';
}

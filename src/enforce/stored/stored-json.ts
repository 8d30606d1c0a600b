import { createJsonRewriter } from '../../media/json/json-rewriter.ts';
import type { RecordCursor } from '../../media/record.ts';
import { MediaError } from '../../media/rewriter.ts';
import type { View } from '../../model/decision.ts';
import type { StoredField } from '../../model/stored.ts';
import { looksLikeToken } from '../../vault/token/token.ts';
import { ANYTHING, beginsLikeJson, namesIn } from '../record/json-text.ts';
import type { WalkTools } from '../record/walk-body.ts';

/** A field of which the CRM keeps tokens, as a text names it. */
export interface StoredName {
  readonly field: string;
  readonly stored: StoredField;
}

/**
 * Finds, in a text that is JSON or begins like it, a value under the name of a stored field of any object: nothing
 * tells what the JSON is about, and the value would reach the CRM in clear. Null, the empty text and tokens do not
 * count.
 */
export function storedIn(text: string, tools: WalkTools & { readonly view: View }): StoredName | undefined {
  if (!beginsLikeJson(text)) return undefined;
  const { names, limits, view } = tools;
  const { stored } = view.of('*');
  let found: StoredName | undefined;
  const note = (field: string, isValue: (as: StoredField) => boolean): boolean => {
    const as = stored?.(field);
    if (as !== undefined && isValue(as)) found ??= { field, stored: as };
    return as !== undefined;
  };
  // The recursion ends: every level of JSON in JSON at least doubles the length.
  const within = (inner: string): undefined => {
    found ??= storedIn(inner, tools);
  };
  const record = (one: RecordCursor): boolean => {
    for (let index = 0; index < one.size; index++) {
      const isStored = note(one.name(index), (as) => holdsValue(one, index, as));
      if (!isStored && one.kind(index) === 'string') within(one.text(index));
    }
    return true;
  };
  const handler = { record, special: (_kind: unknown, inner: string) => within(inner) };
  try {
    const rewriter = createJsonRewriter({ shape: ANYTHING, handler, names, limits, duplicates: 'treat' });
    rewriter.push(Buffer.from(text));
    rewriter.end();
  } catch (error) {
    if (!(error instanceof MediaError)) throw error;
    // JSON that is cut off, or has something around it, still shows what stands under a name.
    for (const field of namesIn(text)) note(field, () => true);
  }
  return found;
}

function holdsValue(record: RecordCursor, index: number, { form }: StoredField): boolean {
  const kind = record.kind(index);
  if (kind === 'null' || kind === 'boolean') return false;
  const format = form.kind === 'format-preserving' ? form.format : 'token';
  return kind !== 'string' || (record.text(index) !== '' && !looksLikeToken(record.text(index), format));
}

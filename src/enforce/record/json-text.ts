import type { Limits } from '../../limits.ts';
import { createJsonRewriter } from '../../media/json/json-rewriter.ts';
import type { NameTable } from '../../media/name-table.ts';
import type { RecordCursor } from '../../media/record.ts';
import { MediaError } from '../../media/rewriter.ts';
import type { ObjectView, View } from '../../model/decision.ts';
import type { RecordShape } from '../../model/shape.ts';
import { REDACTED } from '../../transform/redact.ts';
import type { Transform } from '../../transform/transform.ts';
import type { FieldPlan, ObjectPlan } from './object-plan.ts';
import type { TallyKey } from './tally.ts';
import { treatValue } from './treat-value.ts';

/**
 * Treats texts that are JSON themselves, such as payloads that integrations keep. A value under the name of a field is
 * treated as the least revealing view over all objects has it, because nothing tells what the JSON is about.
 */
export interface JsonTexts {
  /**
   * @param scan treatment of texts in it that belong to no field
   * @param onTreated called with each field that was treated
   * @returns the same text when nothing had to be done; `[redacted]` when it is not JSON but contains some
   */
  readonly shown: (text: string, scan?: Transform, onTreated?: (key: TallyKey) => void) => string;
}

export interface JsonTextTools {
  readonly view: View;
  readonly plans: (view: ObjectView) => ObjectPlan;
  readonly names: NameTable;
  readonly limits: Pick<Limits, 'recordBytesMax' | 'depthMax'>;
}

/** Every object in it counts as a record of unknown object. */
export const ANYTHING: RecordShape = {
  is: 'record',
  object: '*',
  members: {},
  others: 'field',
  get nested(): RecordShape {
    return ANYTHING;
  },
};

/** A byte order mark may stand before it. */
const BEGINNING = /^\uFEFF?[ \t\r\n]*["{[]/;
const BYTE_ORDER_MARK = '\uFEFF';

/** Whether a text may be JSON with something in it. */
export function beginsLikeJson(text: string): boolean {
  return BEGINNING.test(text);
}

export function createJsonTexts({ view, plans, names, limits }: JsonTextTools): JsonTexts {
  const shown: JsonTexts['shown'] = (text, scan, onTreated) => {
    const { field } = plans(view.of('*'));
    if (!beginsLikeJson(text)) return namesTreated(text, field) ? REDACTED : text;
    const mark = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : '';
    const record = (one: RecordCursor): boolean => {
      for (let index = 0; index < one.size; index++) {
        const plan = field(one.nameId(index), one.name(index));
        if (isTreated(plan)) {
          if (treatValue(one, index, plan.transform)) onTreated?.(plan.key);
        } else if (one.kind(index) === 'string') {
          const inner = one.text(index);
          const left = within(inner);
          if (left !== undefined) one.setString(index, left);
        }
      }
      return true;
    };
    // The recursion ends: every level of JSON in JSON at least doubles the length.
    const within = (inner: string): string | undefined => {
      const treated = shown(inner, scan, onTreated);
      const left = scan?.string(treated) ?? treated;
      return left === inner ? undefined : left;
    };
    const body = Buffer.from(text.slice(mark.length));
    try {
      const handler = { record, special: (_kind: unknown, inner: string) => within(inner) };
      const rewriter = createJsonRewriter({ shape: ANYTHING, handler, names, limits, duplicates: 'treat' });
      const rewritten = Buffer.concat([rewriter.push(body), rewriter.end()]);
      return rewritten.equals(body) ? text : mark + rewritten.toString();
    } catch (error) {
      if (!(error instanceof MediaError)) throw error;
      // Text that is not JSON is ordinary text. But JSON that is cut off, or followed by something, still shows what
      // stands under a name.
      return error.reason === 'malformed' && !namesTreated(text, field) ? text : REDACTED;
    }
  };
  return { shown };
}

/** A name that no data map knows is part of the field around it. */
function isTreated(plan: FieldPlan): plan is FieldPlan & { readonly transform: Transform } {
  return plan.classified && plan.transform !== undefined;
}

/** A quote in JSON, or in JSON that was packed into a text. */
const QUOTES = /\\*(?:"|\\u0022)/gi;
/** In packed JSON escapes are packed as well. */
const BACKSLASHES = /\\{2,}/g;
const COLON = /^\s*:/;

/** True when a text that is not JSON has the name of a treated field before a colon. */
function namesTreated(text: string, field: ObjectPlan['field']): boolean {
  return namesIn(text).some((name) => isTreated(field(-1, name)));
}

/**
 * The names in a text that is not JSON but contains some: cut off at either end, with something around it, or several
 * documents in a row. Everything between two quotes and before a colon counts as a name, whichever quote really opens
 * it.
 */
export function namesIn(text: string): string[] {
  const pieces = text.replaceAll(QUOTES, '"').split('"');
  const names = pieces.filter((_, index) => index > 0 && COLON.test(pieces[index + 1] ?? ''));
  return names.map((name) => spelledOut(`"${name.replaceAll(BACKSLASHES, '\\')}"`));
}

function spelledOut(name: string): string {
  try {
    return String(JSON.parse(name));
  } catch {
    return name.slice(1, -1);
  }
}

import type { Limits } from '../limits.ts';
import { createJsonRewriter } from '../media/json/json-rewriter.ts';
import type { NameTable } from '../media/name-table.ts';
import type { RecordCursor } from '../media/record.ts';
import { MediaError } from '../media/rewriter.ts';
import type { ObjectView, View } from '../model/decision.ts';
import type { RecordShape } from '../model/shape.ts';
import { REDACTED } from '../transform/redact.ts';
import type { Transform } from '../transform/transform.ts';
import type { FieldPlan, ObjectPlan } from './object-plan.ts';
import type { TallyKey } from './tally.ts';
import { treatValue } from './treat-value.ts';

/**
 * Texts that are JSON themselves, as integrations keep what they were sent. What stands in them under the name of a field is treated as that
 * field of whatever object is shown least of it, because nobody says what the JSON is about.
 */
export interface JsonTexts {
  /**
   * @param scan what texts in it get that are no field's
   * @param onTreated hears of each field that was treated
   * @returns the same text where nothing had to be done; `[redacted]` where it is no JSON, but holds some
   */
  readonly shown: (text: string, scan?: Transform, onTreated?: (key: TallyKey) => void) => string;
}

export interface JsonTextTools {
  readonly view: View;
  readonly plans: (view: ObjectView) => ObjectPlan;
  readonly names: NameTable;
  readonly limits: Pick<Limits, 'recordBytesMax' | 'depthMax'>;
}

/** Every object in it is a record of which nobody says what it is. */
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

/** Whether a text may be JSON that holds something. */
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
    // It ends by itself: JSON in JSON takes twice its bytes, at least.
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
      // What is no JSON is a text like any other. Cut off, or with something after it, it still tells what stands under a name.
      return error.reason === 'malformed' && !namesTreated(text, field) ? text : REDACTED;
    }
  };
  return { shown };
}

/** What no data map knows is part of the field that the text stands in. */
function isTreated(plan: FieldPlan): plan is FieldPlan & { readonly transform: Transform } {
  return plan.classified && plan.transform !== undefined;
}

/** A quote as it stands in JSON, and in JSON that was packed into texts. */
const QUOTES = /\\*(?:"|\\u0022)/gi;
/** What is packed has its escapes packed as well. */
const BACKSLASHES = /\\{2,}/g;
const COLON = /^\s*:/;

/** True when a text that is not JSON gives something the name of a field that is treated. */
function namesTreated(text: string, field: ObjectPlan['field']): boolean {
  return namesIn(text).some((name) => isTreated(field(-1, name)));
}

/**
 * The names in a text that is not JSON, but holds some: it was cut off at either end, has something around it, or there are several in a row.
 * What stands between two quotes and before a colon is a name, whichever of them the text means to open one.
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

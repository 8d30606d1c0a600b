import type { Limits } from '../limits.ts';
import { createCsvRewriter, createDeferringCsvRewriter } from '../media/csv/csv-rewriter.ts';
import { createDeferringJsonRewriter, createJsonRewriter } from '../media/json/json-rewriter.ts';
import { isJsonType, lacksHeader, parseMediaType } from '../media/media-type.ts';
import type { NameTable } from '../media/name-table.ts';
import type { DocumentHandler, NotingHandler } from '../media/record.ts';
import type { DeferringRewriter, Rewriter } from '../media/rewriter.ts';
import type { AnswerShape, Shape } from '../model/shape.ts';
import { UNSHAPED } from './answer/unshaped.ts';

/** What happens to the bytes of an answer. */
export type AnswerPlan =
  /** They pass as they are, unread. */
  | { readonly kind: 'pass' }
  /** They pass as they are, and the records in them are counted. */
  | ({ readonly kind: 'count' } & Walk)
  | ({
      readonly kind: 'rewrite';
      /** Records are held back only to be counted; the bytes do not change. */
      readonly keepsBytes?: true;
    } & Walk)
  /** The bytes cannot be inspected, and the view is not clear. */
  | { readonly kind: 'unreadable' };

/** What walks through the records: in one step, or in two where something has to be looked up. */
export type Walk =
  | { readonly rewriter: Rewriter; readonly gather?: undefined }
  | { readonly gather: Gather; readonly rewriter?: undefined };

/** Look-ups that have been noted. */
export interface LookUps {
  readonly isWaiting: () => boolean;
  /**
   * Looks up all that was noted; undefined when there is nothing to wait for.
   * @param isWhole the whole body has been read, and none of it decided on
   */
  readonly fetch: (isWhole: boolean) => Promise<unknown> | undefined;
  /** After the look-ups nothing can be refused any more, so each part may leave as soon as it is decided on. */
  readonly leavesAtOnce?: boolean;
}

/** A rewriter, and the look-ups that it needs before it decides on what it has read. */
export interface Gather extends LookUps {
  readonly rewriter: DeferringRewriter;
}

export interface AnswerFacts {
  readonly status: number;
  /** As sent by the CRM, or ''. */
  readonly contentType: string;
  readonly shape: AnswerShape;
  readonly viewIsClear: boolean;
  /** No record may leave before it has been counted. */
  readonly countsAhead: boolean;
  /** Observe mode: the handler sees everything, the bytes stay. */
  readonly dryRun: boolean;
}

export interface AnswerTools<Noted> {
  readonly handler: DocumentHandler;
  readonly names: NameTable;
  readonly limits: Limits;
  /** Present where records need look-ups; then the answer is rewritten even where nothing is hidden. */
  readonly gathering?: LookUps & { readonly handler: NotingHandler<Noted> };
}

/** Chooses a plan by the shape of the operation's answer, the CRM's headers, and whether there is anything to hide. */
export function planAnswer<Noted>(facts: AnswerFacts, tools: AnswerTools<Noted>): AnswerPlan {
  const { shape } = facts;
  const { type, isUtf8 } = parseMediaType(facts.contentType);
  const media = isUtf8 ? type : undefined;
  if (facts.status >= 400) return planJson(shape.error, media, facts, tools);
  switch (shape.format) {
    case 'plain':
      return { kind: 'pass' };
    case 'opaque':
      return unlessClear(facts);
    case 'json':
      return planJson(shape.root, media, facts, tools);
    case 'csv': {
      if (media !== 'text/csv' || lacksHeader(facts.contentType)) return unlessClear(facts);
      const isAsItIs = facts.viewIsClear && tools.gathering === undefined;
      const { object, columns, isWhole = false } = shape;
      const isDropped = (name: string): boolean => !Object.hasOwn(columns, name.toLowerCase());
      const table = { object, ...(isWhole && !isAsItIs && { isDropped }) };
      return planWith(isAsItIs, facts, tools, {
        atOnce: (options) => createCsvRewriter({ ...options, ...table }),
        later: (options) => createDeferringCsvRewriter({ ...options, ...table }),
      });
    }
  }
}

function planJson<Noted>(
  root: Shape,
  media: string | undefined,
  facts: AnswerFacts,
  tools: AnswerTools<Noted>,
): AnswerPlan {
  if (media === undefined || !isJsonType(media)) return unlessClear(facts);
  const isAsItIs = facts.viewIsClear && tools.gathering === undefined && !holdsUrl(root);
  return planWith(isAsItIs, facts, tools, {
    atOnce: (options) =>
      createJsonRewriter({ ...options, shape: root, withinTexts: UNSHAPED, duplicates: 'treat' }),
    later: (options) =>
      createDeferringJsonRewriter({ ...options, shape: root, withinTexts: UNSHAPED, duplicates: 'treat' }),
  });
}

interface RewriterOptions<Handler> extends Pick<AnswerTools<unknown>, 'names' | 'limits'> {
  readonly handler: Handler;
  readonly dryRun: boolean;
}

interface Rewriters<Noted> {
  readonly atOnce: (options: RewriterOptions<DocumentHandler>) => Rewriter;
  readonly later: (options: RewriterOptions<NotingHandler<Noted>>) => DeferringRewriter;
}

function planWith<Noted>(
  isAsItIs: boolean,
  facts: AnswerFacts,
  { handler, names, limits, gathering }: AnswerTools<Noted>,
  { atOnce, later }: Rewriters<Noted>,
): AnswerPlan {
  const dryRun = facts.dryRun || (isAsItIs && !facts.countsAhead);
  const kind = dryRun ? 'count' : 'rewrite';
  if (gathering !== undefined) {
    const { handler: noting, ...lookUps } = gathering;
    return { kind, gather: { rewriter: later({ handler: noting, names, limits, dryRun }), ...lookUps } };
  }
  const rewriter = atOnce({ handler, names, limits, dryRun });
  return !dryRun && isAsItIs ? { kind: 'rewrite', rewriter, keepsBytes: true } : { kind, rewriter };
}

function unlessClear(facts: AnswerFacts): AnswerPlan {
  const mayPass = facts.dryRun || (facts.viewIsClear && !facts.countsAhead);
  return mayPass ? { kind: 'pass' } : { kind: 'unreadable' };
}

const urlHolders = new WeakMap<Shape, boolean>();

/** True when there are URLs to lead back anywhere in the shape. Remembered, since shapes are built once per adapter. */
function holdsUrl(shape: Shape): boolean {
  const known = urlHolders.get(shape);
  if (known !== undefined) return known;
  // A shape may contain itself (a related record within a record): false until shown otherwise.
  urlHolders.set(shape, false);
  const holds = partsOf(shape).some((part) => part.is === 'url' || holdsUrl(part));
  urlHolders.set(shape, holds);
  return holds;
}

function partsOf(shape: Shape): Shape[] {
  switch (shape.is) {
    case 'array':
      return [shape.items];
    case 'object':
      return [...Object.values(shape.members), shape.others];
    case 'record': {
      const parts = Object.values(shape.members);
      if (shape.others !== 'field') parts.push(shape.others);
      if (shape.nested !== undefined) parts.push(shape.nested);
      return parts;
    }
    default:
      return [];
  }
}

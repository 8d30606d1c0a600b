import type { Limits } from '../limits.ts';
import { createCsvRewriter } from '../media/csv/csv-rewriter.ts';
import { createJsonRewriter } from '../media/json/json-rewriter.ts';
import { isJsonType, parseMediaType } from '../media/media-type.ts';
import type { NameTable } from '../media/name-table.ts';
import type { DocumentHandler } from '../media/record.ts';
import type { Rewriter } from '../media/rewriter.ts';
import type { AnswerShape, Shape } from '../model/shape.ts';

/** What happens to the bytes of an answer. */
export type AnswerPlan =
  /** They pass as they are, unread. */
  | { readonly kind: 'pass' }
  /** They pass as they are, and the records in them are counted. */
  | { readonly kind: 'count'; readonly rewriter: Rewriter; readonly gather?: Gather }
  | {
      readonly kind: 'rewrite';
      readonly rewriter: Rewriter;
      readonly gather?: Gather;
      /** Held back record by record, to be counted; the bytes stay. */
      readonly keepsBytes?: true;
    }
  /** They cannot be inspected, and the view is not clear. */
  | { readonly kind: 'unreadable' };

/** What has been noted to be looked up, before the rewriter needs it. */
export interface LookUps {
  readonly isWaiting: () => boolean;
  /**
   * Looks up all that was noted; undefined when there is nothing to wait for. What was looked up before is forgotten.
   * @param isWhole nothing of the body has been rewritten, and all of it has been read
   */
  readonly fetch: (isWhole: boolean) => Promise<unknown> | undefined;
}

/** Goes before the rewriter through every chunk, and notes what the rewriter will need for it. */
export interface Gather extends LookUps {
  /** Changes nothing. */
  readonly rewriter: Rewriter;
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

export interface AnswerTools {
  readonly handler: DocumentHandler;
  readonly names: NameTable;
  readonly limits: Limits;
  /** Where records have to be asked about: the answer is rewritten even where nothing is hidden. */
  readonly gathering?: LookUps & { readonly handler: DocumentHandler };
}

/** Chooses by what the operation answers with, what the CRM says it sent, and whether there is anything to hide. */
export function planAnswer(facts: AnswerFacts, tools: AnswerTools): AnswerPlan {
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
      if (media !== 'text/csv') return unlessClear(facts);
      const isAsItIs = facts.viewIsClear && tools.gathering === undefined;
      const { object } = shape;
      return planWith(isAsItIs, facts, tools, (options) => createCsvRewriter({ ...options, object }));
    }
  }
}

function planJson(
  root: Shape,
  media: string | undefined,
  facts: AnswerFacts,
  tools: AnswerTools,
): AnswerPlan {
  if (media === undefined || !isJsonType(media)) return unlessClear(facts);
  const isAsItIs = facts.viewIsClear && tools.gathering === undefined && !holdsUrl(root);
  return planWith(isAsItIs, facts, tools, (options) =>
    createJsonRewriter({ ...options, shape: root, duplicates: 'treat' }),
  );
}

interface RewriterOptions extends Pick<AnswerTools, 'handler' | 'names' | 'limits'> {
  readonly dryRun: boolean;
}

function planWith(
  isAsItIs: boolean,
  facts: AnswerFacts,
  { handler, names, limits, gathering }: AnswerTools,
  create: (options: RewriterOptions) => Rewriter,
): AnswerPlan {
  const dryRun = facts.dryRun || (isAsItIs && !facts.countsAhead);
  const rewriter = create({ handler, names, limits, dryRun });
  if (!dryRun && isAsItIs) return { kind: 'rewrite', rewriter, keepsBytes: true };
  const kind = dryRun ? 'count' : 'rewrite';
  if (gathering === undefined) return { kind, rewriter };
  const { handler: noting, ...lookUps } = gathering;
  const ahead = create({ handler: noting, names, limits, dryRun: true });
  return { kind, rewriter, gather: { rewriter: ahead, ...lookUps } };
}

function unlessClear(facts: AnswerFacts): AnswerPlan {
  const mayPass = facts.dryRun || (facts.viewIsClear && !facts.countsAhead);
  return mayPass ? { kind: 'pass' } : { kind: 'unreadable' };
}

const urlHolders = new WeakMap<Shape, boolean>();

/** True when the shape has URLs to lead back anywhere. Remembered: shapes are built once per adapter. */
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

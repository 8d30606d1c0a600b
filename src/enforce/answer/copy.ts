import type { DeferringRewriter, Rewriter } from '../../media/rewriter.ts';
import type { AnswerPlan } from '../answer.ts';

/** A copy of an answer as the CRM sent it, made while it passes. */
export interface Copy {
  readonly plan: AnswerPlan;
  /** The JSON document; undefined when it was not JSON, or too long to be kept. */
  readonly document: () => unknown;
}

/** @param bytesMax of the copy; answers to writes are short */
export function copyOf(plan: AnswerPlan, bytesMax: number): Copy {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const note = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes <= bytesMax) chunks.push(Buffer.from(chunk));
    else chunks.length = 0;
  };
  const document = (): unknown => {
    if (bytes === 0 || bytes > bytesMax) return undefined;
    try {
      return JSON.parse(Buffer.concat(chunks).toString());
    } catch {
      return undefined;
    }
  };
  if (plan.kind === 'pass' || plan.kind === 'unreadable') return { plan, document };
  const { gather } = plan;
  if (gather === undefined) return { plan: { ...plan, rewriter: noting(plan.rewriter, note) }, document };
  return { plan: { ...plan, gather: { ...gather, rewriter: noting(gather.rewriter, note) } }, document };
}

function noting<Walked extends Rewriter | DeferringRewriter>(
  rewriter: Walked,
  note: (chunk: Buffer) => void,
): Walked {
  return {
    ...rewriter,
    push: (chunk: Buffer) => {
      note(chunk);
      return rewriter.push(chunk);
    },
  };
}

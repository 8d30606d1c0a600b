import { MediaError, type Rewriter } from '../media/rewriter.ts';
import type { Denial } from '../model/decision.ts';
import type { Gather } from './answer.ts';
import { denialIn } from './refusal.ts';
import { unreadableBody } from './walk-body.ts';

/** What becomes of an upload on its way to the CRM: `gather` goes ahead through each chunk, `rewriter` lets it go on. */
export interface UploadStage {
  readonly gather: Gather;
  readonly rewriter: Rewriter;
  /** Observe mode: why it would have been refused, once it is over. */
  readonly refusal?: () => Denial | undefined;
}

/** Fails in the words that a client hears of a body that cannot be read. */
export function readable(rewriter: Rewriter): Rewriter {
  const attempt = (step: () => Buffer): Buffer => {
    try {
      return step();
    } catch (error) {
      throw error instanceof MediaError ? unreadableBody(error) : error;
    }
  };
  return { push: (chunk) => attempt(() => rewriter.push(chunk)), end: () => attempt(() => rewriter.end()) };
}

/** Observe mode: all of it goes on as it is, and why it would not have is noted. */
export function observed({ gather, rewriter }: UploadStage): UploadStage {
  let denial: Denial | undefined;
  const note = (error: unknown): void => {
    denial = denialIn(error);
    if (denial === undefined) throw error;
  };
  const attempt = (step: () => Buffer): void => {
    if (denial !== undefined) return;
    try {
      step();
    } catch (error) {
      note(error);
    }
  };
  const nothing = Buffer.alloc(0);
  const passing = (by: Rewriter): Rewriter => ({
    push: (chunk) => {
      attempt(() => by.push(chunk));
      return chunk;
    },
    end: () => {
      attempt(by.end);
      return nothing;
    },
  });
  return {
    gather: {
      rewriter: passing(gather.rewriter),
      isWaiting: gather.isWaiting,
      fetch: async (isWhole) => {
        await Promise.resolve(gather.fetch(isWhole)).catch(note);
      },
    },
    rewriter: passing(rewriter),
    refusal: () => denial,
  };
}

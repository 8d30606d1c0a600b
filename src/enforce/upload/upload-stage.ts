import { type DeferringRewriter, MediaError } from '../../media/rewriter.ts';
import type { Denial } from '../../model/decision.ts';
import type { Gather } from '../answer.ts';
import { unreadableBody } from '../record/walk-body.ts';
import { denialIn } from '../refusal.ts';

/** A stage that an upload streams through on its way to the CRM. */
export interface UploadStage extends Gather {
  /** Observe mode: why it would have been refused, once it is over. */
  readonly refusal?: () => Denial | undefined;
  /**
   * To be called when the CRM has refused the upload, or not all of it has left: gives back its tokens. If the vault is
   * away they stay.
   */
  readonly giveBack?: () => Promise<void>;
  /** Whether the whole upload has left. */
  readonly hasLeft?: () => boolean;
}

/** Turns the rewriter's errors into the refusals of an unreadable body. */
export function readable(rewriter: DeferringRewriter): DeferringRewriter {
  function attempt<Result>(step: () => Result): Result {
    try {
      return step();
    } catch (error) {
      throw error instanceof MediaError ? unreadableBody(error) : error;
    }
  }
  return {
    push: (chunk) => attempt(() => rewriter.push(chunk)),
    end: () => attempt(rewriter.end),
    next: () => attempt(rewriter.next),
    waiting: rewriter.waiting,
  };
}

/** Observe mode: everything passes unchanged, and the refusal is only noted. */
export function observed({ rewriter, isWaiting, fetch }: UploadStage): UploadStage {
  let passing: Buffer[] = [];
  let denial: Denial | undefined;
  const note = (error: unknown): void => {
    denial = denialIn(error);
    if (denial === undefined) throw error;
  };
  const attempt = (step: () => void): void => {
    if (denial !== undefined) return;
    try {
      step();
    } catch (error) {
      note(error);
    }
  };
  /** Its output is discarded. */
  const decide = (): void => {
    while (rewriter.next() !== undefined);
  };
  return {
    rewriter: {
      push: (chunk) => {
        attempt(() => rewriter.push(chunk));
        passing.push(chunk);
      },
      end: () => attempt(rewriter.end),
      next: () => {
        const [first, ...rest] = passing;
        passing = rest;
        if (first === undefined) attempt(decide);
        return first;
      },
      waiting: rewriter.waiting,
    },
    isWaiting,
    fetch: async (isWhole) => {
      await Promise.resolve(fetch(isWhole)).catch(note);
    },
    refusal: () => denial,
  };
}

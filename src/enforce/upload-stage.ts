import { type DeferringRewriter, MediaError } from '../media/rewriter.ts';
import type { Denial } from '../model/decision.ts';
import type { Gather } from './answer.ts';
import { denialIn } from './refusal.ts';
import { unreadableBody } from './walk-body.ts';

/** What becomes of an upload on its way to the CRM. */
export interface UploadStage extends Gather {
  /** Observe mode: why it would have been refused, once it is over. */
  readonly refusal?: () => Denial | undefined;
  /** The CRM has refused it, or not all of it has left: gives back what was issued for it. Where the vault is away that stays. */
  readonly giveBack?: () => Promise<void>;
  /** Whether all of it has left. */
  readonly hasLeft?: () => boolean;
}

/** Fails in the words that a client hears of a body that cannot be read. */
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

/** Observe mode: all of it goes on as it is, and why it would not have is noted. */
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
  /** What would go on is of no interest. */
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

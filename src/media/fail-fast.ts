import type { DeferringRewriter, Rewriter } from './rewriter.ts';

/**
 * Keeps a rewriter that has failed or ended from being used again, so that no later call brings out bytes that it was
 * holding back.
 */
export function failFast(rewriter: Rewriter): Rewriter {
  const guard = guardOf();
  return {
    push: (chunk) => guard.open(() => rewriter.push(chunk)),
    end: () => {
      const last = guard.open(rewriter.end);
      guard.close();
      return last;
    },
  };
}

/** The same in two steps: what was walked through before the end can still be decided on. */
export function failFastLater(rewriter: DeferringRewriter): DeferringRewriter {
  const guard = guardOf();
  return {
    push: (chunk) => guard.open(() => rewriter.push(chunk)),
    end: () => {
      guard.open(rewriter.end);
      guard.close();
    },
    next: () => guard.whole(rewriter.next),
    waiting: rewriter.waiting,
  };
}

interface Guard {
  /** Runs a step, unless one before it has failed. */
  readonly whole: <Result>(step: () => Result) => Result;
  /** The same, while the document has not ended. */
  readonly open: <Result>(step: () => Result) => Result;
  readonly close: () => void;
}

function guardOf(): Guard {
  let failure: unknown;
  let isOver = false;
  function whole<Result>(step: () => Result): Result {
    if (failure !== undefined) throw failure;
    try {
      return step();
    } catch (error) {
      failure = error;
      throw error;
    }
  }
  return {
    whole,
    open: (step) => {
      if (failure === undefined && isOver) throw new TypeError('The document is over');
      return whole(step);
    },
    close: () => {
      isOver = true;
    },
  };
}

import type { Rewriter } from './rewriter.ts';

/** A rewriter that failed or ended stays so: whatever comes after cannot bring out bytes it was holding back. */
export function failFast(rewriter: Rewriter): Rewriter {
  let failure: unknown;
  let isOver = false;
  function guard(step: () => Buffer): Buffer {
    if (failure !== undefined) throw failure;
    if (isOver) throw new TypeError('The document is over');
    try {
      return step();
    } catch (error) {
      failure = error;
      throw error;
    }
  }
  return {
    push: (chunk) => guard(() => rewriter.push(chunk)),
    end: () => {
      const last = guard(rewriter.end);
      isOver = true;
      return last;
    },
  };
}

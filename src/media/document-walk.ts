import type { Splices } from './splices.ts';
import type { Window } from './window.ts';

const EMPTY = Buffer.alloc(0);

/** A walk through a document as it comes, chunk by chunk. */
export interface DocumentWalk {
  readonly window: Window;
  /** Walks through a chunk. @returns how many bytes of the window may leave */
  readonly take: (chunk: Buffer) => number;
  /** The document is over. @returns how many bytes of the window are left */
  readonly finish: () => number;
  readonly release: (to: number) => void;
  /** Nothing may leave: most chunks while a long record comes in small ones. Does nothing that grows with what is held. */
  readonly hold: () => void;
}

/**
 * Lets go of the window of a walk up to where bytes may leave.
 * @param splices the edits of what leaves; undefined: nothing is wanted of it
 */
export function leaving(
  { window, hold, release }: DocumentWalk,
  splices: Splices | undefined,
): (to: number) => Buffer {
  return (to) => {
    if (to === 0) {
      hold();
      return EMPTY;
    }
    const out = splices === undefined ? EMPTY : (splices.render(window.bytes, to) ?? window.lend(to));
    release(to);
    splices?.shift(to);
    return out;
  };
}

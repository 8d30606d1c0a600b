import type { Splices } from './splices.ts';
import type { Window } from './window.ts';

const EMPTY = Buffer.alloc(0);

/** A walk through a document as it comes, chunk by chunk. */
export interface DocumentWalk {
  readonly window: Window;
  /** Reads a chunk. @returns how many bytes of the window may leave */
  readonly take: (chunk: Buffer) => number;
  /** The document is over. @returns how many bytes of the window are left */
  readonly finish: () => number;
  readonly release: (to: number) => void;
  /** Called when nothing may leave, as for most chunks of a long record. Its cost does not grow with what is held. */
  readonly hold: () => void;
}

/**
 * Drops the bytes of a walk's window that may leave, and returns them edited.
 * @param splices the edits; undefined: the bytes themselves are not wanted
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

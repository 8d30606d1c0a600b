import type { Window } from './window.ts';

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

/** Rewrites one document as it streams by. Synchronous: back-pressure is the caller's business. */
export interface Rewriter {
  /**
   * Takes the next chunk and gives the bytes that may leave, often none or more than came in. The result is the
   * caller's: neither it nor the chunk is touched again.
   * @throws MediaError when the document is malformed, over a limit, or withheld as a whole
   */
  readonly push: (chunk: Buffer) => Buffer;
  /** The document is over: gives the last bytes. @throws MediaError when it is incomplete */
  readonly end: () => Buffer;
}

/**
 * Rewrites one document in two steps: it is read once, as it comes, and its records are decided on later, when the
 * look-ups are done.
 */
export interface DeferringRewriter {
  /**
   * Reads the next chunk, which must not be changed until it has been decided on.
   * @throws MediaError as `Rewriter.push` does
   */
  readonly push: (chunk: Buffer) => void;
  /** The document is over. @throws MediaError when it is incomplete */
  readonly end: () => void;
  /**
   * Decides on the next part of what has been read, about as long as a chunk, and returns the bytes that may leave;
   * undefined when everything has been decided on.
   * @throws MediaError when the document is withheld as a whole
   */
  readonly next: () => Buffer | undefined;
  /** How many records wait to be decided on: each takes memory beside its bytes. */
  readonly waiting: () => number;
}

export type MediaErrorReason =
  /** Not what its media type says. */
  | 'malformed'
  /** Over a limit. */
  | 'limit'
  /** Readable in two ways: duplicate names where they matter. */
  | 'ambiguous'
  /** The record that is the whole document is left out. */
  | 'withheld';

/** Why a document cannot be rewritten. `offset` is in bytes from its start. Never holds bytes of the document. */
export class MediaError extends Error {
  readonly reason: MediaErrorReason;
  readonly offset: number;

  constructor(reason: MediaErrorReason, message: string, offset: number) {
    super(`${message} at byte ${offset}`);
    this.name = 'MediaError';
    this.reason = reason;
    this.offset = offset;
  }
}

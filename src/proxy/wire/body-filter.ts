/** Rewrites a body as it streams by; throws when it cannot (see `Rewriter` in media). */
export interface BodyFilter {
  readonly push: (chunk: Buffer) => Buffer;
  readonly end: () => Buffer;
}

/** A request after canonicalisation: what is matched is what is forwarded. */
export interface CrmRequest {
  /** Upper case; a method override has already been applied. */
  readonly method: string;
  /** Path without the upstream's prefix, canonical percent-encoding, no empty, `.` or `..` segments, leading slash. */
  readonly path: string;
  /** Decoded path segments. */
  readonly segments: readonly string[];
  /** Decoded query parameters in order. */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** Media type of the body in lower case without parameters, or ''. */
  readonly contentType: string;
  /** Media types asked for, as sent (Accept), or ''. */
  readonly accept: string;
  /** The body where recognition asked for it. */
  readonly body?: Buffer;
}

/** First value of a query parameter. */
export function queryParameter(request: CrmRequest, name: string): string | undefined {
  return request.query.find(([key]) => key === name)?.[1];
}

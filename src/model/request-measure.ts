/** What is counted of one request when it is over. Its texts are from fixed sets: each may become a metric label. */
export interface RequestMeasure {
  readonly upstream: string;
  /** `Operation.route`, or `unknown`. */
  readonly operation: string;
  readonly decision: 'allow' | 'deny';
  readonly outcome: 'complete' | 'aborted' | 'failed';
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** From the first byte read to the last byte written, less `upstreamSeconds`. */
  readonly addedSeconds: number;
  /** Time spent waiting for the CRM; undefined when it was not asked. */
  readonly upstreamSeconds: number | undefined;
}

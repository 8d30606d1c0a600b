import type { TallyReport } from '../enforce/record/tally.ts';

/**
 * What is counted of one request when it is over. Its texts are names from fixed sets: each may become a metric label.
 */
export interface MeteredRequest {
  readonly upstream: string;
  /** Operation name of the descriptor, or `unknown`. */
  readonly operation: string;
  readonly decision: 'allow' | 'deny';
  readonly outcome: 'complete' | 'aborted' | 'failed';
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** Time added by Privet, without the time spent waiting for the CRM. */
  readonly addedSeconds: number;
  readonly upstreamSeconds: number | undefined;
  readonly disclosed: TallyReport | undefined;
}

/** Takes the pipeline's counts; the administration point turns them into metrics. */
export interface Meter {
  readonly request: (request: MeteredRequest) => void;
}

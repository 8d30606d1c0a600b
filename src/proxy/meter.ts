import type { TallyReport } from '../enforce/record/tally.ts';
import type { RequestMeasure } from '../model/request-measure.ts';

export interface MeteredRequest extends RequestMeasure {
  /** What its answer told, as far as it was counted. */
  readonly disclosed: TallyReport | undefined;
}

/** Takes the pipeline's counts; the administration point turns them into metrics. */
export interface Meter {
  readonly request: (request: MeteredRequest) => void;
}

import type { Clock } from '../clock.ts';
import type { Limits } from '../limits.ts';
import type { Store } from '../store/store.ts';
import type { Identify } from './person/identifier.ts';

/** What every part of the registry works with. */
export interface ConsentContext {
  readonly store: Store;
  readonly identify: Identify;
  readonly clock: Clock;
  readonly limits: Pick<Limits, 'consentIdentifiersMax' | 'consentEventsMax' | 'consentBatchMax'>;
}

import type { Clock } from '../clock.ts';
import type { ConsentFeed } from '../consent/feed.ts';
import type { Observation } from '../consent/observe.ts';
import type { DataSubjectKeys } from '../model/data-subject.ts';
import type { ObjectView, RecordFacts } from '../model/decision.ts';
import { saidIn } from '../policy/requirement.ts';

/** What the CRM's own consent fields are seen to say as records pass. */
export interface Observations {
  readonly note: (view: ObjectView, facts: RecordFacts, who: DataSubjectKeys) => void;
  /** Hands on what was noted; never waits. */
  readonly flush: () => void;
}

export function createObservations(feed: Pick<ConsentFeed, 'observe'>, clock: Clock): Observations {
  let seen: Observation[] = [];
  return {
    note: ({ consents = [] }, facts, { record, ...other }) => {
      if (record === undefined) return;
      for (const { purpose, flag } of consents) {
        const said = saidIn(flag, facts);
        if (said !== 'yes' && said !== 'no') continue;
        seen.push({ who: { ...other, record }, purpose, granted: said === 'yes', at: clock() });
      }
    },
    flush: () => {
      if (seen.length === 0) return;
      feed.observe(seen);
      seen = [];
    },
  };
}

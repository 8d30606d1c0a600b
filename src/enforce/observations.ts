import type { Clock } from '../clock.ts';
import type { ConsentFeed } from '../consent/feed.ts';
import type { Seen } from '../consent/observe.ts';
import type { DataSubjectKeys } from '../model/data-subject.ts';
import type { ObjectView, RecordFacts } from '../model/decision.ts';
import { saidIn } from '../policy/requirement.ts';

/** What is seen of consent as records pass: what the CRM's own fields say, and who takes it back by another way. */
export interface Observations {
  readonly withdraw: (who: DataSubjectKeys, purpose: string, source: string) => void;
  readonly note: (view: ObjectView, facts: RecordFacts, who: DataSubjectKeys) => void;
  /** Hands on what was noted; never waits. */
  readonly flush: () => void;
}

export function createObservations(feed: Pick<ConsentFeed, 'observe'>, clock: Clock): Observations {
  let seen: Seen[] = [];
  return {
    withdraw: (who, purpose, source) =>
      void seen.push({ who, purpose, state: 'withdrawn', at: clock(), source }),
    note: ({ consents = [] }, facts, who) => {
      if (!isByRecord(who)) return;
      for (const { purpose, flag } of consents) {
        const said = saidIn(flag, facts);
        if (said !== 'yes' && said !== 'no') continue;
        seen.push({ who, purpose, granted: said === 'yes', at: clock() });
      }
    },
    flush: () => {
      if (seen.length === 0) return;
      feed.observe(seen);
      seen = [];
    },
  };
}

function isByRecord(who: DataSubjectKeys): who is DataSubjectKeys & { readonly record: string } {
  return who.record !== undefined;
}

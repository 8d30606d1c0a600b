import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Tally } from '../enforce/record/tally.ts';
import type { Decision, Denial } from '../model/decision.ts';
import type { Operation } from '../model/operation.ts';
import type { Principal } from '../model/principal.ts';
import type { PolicySnapshot } from '../policy/snapshot.ts';
import type { Door } from './door.ts';

/** One request on its way through the house: what each stage found out, for the record and for a refusal. */
export interface Passage {
  readonly id: string;
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** `performance.now()` at arrival. */
  readonly startedAt: number;
  /** The policies of this request, whatever is reloaded meanwhile. */
  readonly policies: PolicySnapshot;
  door?: Door;
  principal?: Principal;
  operation?: Operation;
  decision?: Decision;
  /** Why it was refused; in observe mode, why it would have been. */
  refusal?: Denial;
  /** Settles when the decision's event is on disk. */
  recorded?: Promise<void>;
  upstreamStatus?: number;
  /** When the CRM may be asked again, if it has refused and says so. */
  upstreamRetryAfter?: string | undefined;
  /** Time spent waiting for the CRM's head. */
  upstreamMs?: number;
  tally?: Tally;
  bytesSent: number;
  outcome: 'complete' | 'aborted' | 'failed';
}

export function beginPassage(
  req: IncomingMessage,
  res: ServerResponse,
  startedAt: number,
  policies: PolicySnapshot,
): Passage {
  return {
    id: randomUUID(),
    req,
    res,
    startedAt,
    policies,
    bytesSent: 0,
    outcome: 'complete',
  };
}

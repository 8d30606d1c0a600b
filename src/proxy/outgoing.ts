import type { Case, DischargedRequest } from '../enforce/discharge.ts';

/** A request with its obligations discharged, and the case it belongs to. */
export interface Outgoing {
  readonly subject: Case;
  readonly discharged: DischargedRequest;
  /** Names the view in the client's ETags; undefined where the client gets what the CRM says. */
  readonly viewId: string | undefined;
  /** What the client gets rests on where people stand, as far as is known before, and that changes without the CRM's records. */
  readonly restsOnStandings: boolean;
}

import type { DecidedRequest, DischargedRequest } from '../enforce/discharge.ts';

/** A request with its obligations discharged, and the case it belongs to. */
export interface Outgoing {
  readonly decided: DecidedRequest;
  readonly discharged: DischargedRequest;
  /** Names the view in the client's ETags; undefined where the client gets the CRM's answer as it is. */
  readonly viewId: string | undefined;
  /** The client's answer may depend on consent or restriction, which change while the CRM's records do not. */
  readonly dependsOnStandings: boolean;
}

import type { Outbox } from '../outbox.ts';
import { STAFF, type StaffMember } from '../staff.ts';
import type { SandboxAnswer, SandboxRequest } from '../wire/message.ts';
import { recordId } from './ids.ts';
import type { SalesforceStore } from './store.ts';

export interface OrgUser extends StaffMember {
  readonly id: string;
}

export const ORG_USERS: readonly OrgUser[] = STAFF.map((staff, index) => ({
  ...staff,
  id: recordId('005', index + 1),
}));

/** One org: its records, its clock and how it presents itself. */
export interface Org {
  readonly store: SalesforceStore;
  readonly outbox: Outbox;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Its own origin, known once it listens. */
  readonly baseUrl: () => string;
  /** Records in a page of a query. */
  readonly pageSize: number;
  /** Status requests that a job answers with InProgress before it is done. */
  readonly jobPolls: number;
}

/** A request to the data API by someone known. */
export interface Call {
  readonly request: SandboxRequest;
  readonly user: OrgUser;
  /** `v59.0`, as in the path. */
  readonly version: string;
  /** Decoded path segments after the version. */
  readonly rest: readonly string[];
}

export type Route = (call: Call) => SandboxAnswer;

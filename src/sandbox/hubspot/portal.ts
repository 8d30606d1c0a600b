import type { Outbox } from '../outbox.ts';
import type { Person } from '../people/people.ts';
import { STAFF, type StaffMember } from '../staff.ts';
import type { SandboxRequest } from '../wire/message.ts';
import type { HubspotStore } from './store.ts';

export const HUB_ID = 25_000_001;

export interface PortalUser extends StaffMember {
  readonly userId: number;
  /** Owners have ids of their own. */
  readonly ownerId: string;
}

export const PORTAL_USERS: readonly PortalUser[] = STAFF.map((staff, index) => ({
  ...staff,
  userId: 9_000_001 + index,
  ownerId: String(70_001 + index),
}));

/** One portal: its records, its clock and how it presents itself. */
export interface Portal {
  readonly store: HubspotStore;
  readonly outbox: Outbox;
  /** Who its files are about. */
  readonly people: readonly Person[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Origin of the absolute links it answers. */
  readonly publicUrl: () => string;
  /** Records in a list that asks for no limit. */
  readonly pageSize: number;
  /** Status requests that an export answers with PROCESSING before it is done. */
  readonly jobPolls: number;
}

/** A request to the CRM API. */
export interface Call {
  readonly request: SandboxRequest;
  /** Decoded path segments without area and version: `objects`, `contacts`, `12`. */
  readonly rest: readonly string[];
}

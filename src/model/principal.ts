/**
 * How a principal was recognised. `none`: not at all, and the posture lets strangers in. `admin`: by a key of the admin
 * API.
 */
export type IdentifiedVia = 'jwt' | 'apiKey' | 'crm' | 'none' | 'admin';

/** The caller: a person or an app, as identity found them. */
export interface Principal {
  /** Unique within `via`. Appears in audit events, so it is an account name, never a credential. */
  readonly id: string;
  readonly roles: readonly string[];
  /** Purposes this principal may act for. */
  readonly purposes: readonly string[];
  /** The one purpose of this request: asked for and held, or the only one held. */
  readonly purpose?: string;
  readonly region?: string;
  readonly level?: string;
  /** The caller's own record id in the CRM, for rules such as `record.owner == principal.crmUserId`. */
  readonly crmUserId?: string;
  /** The CRM record ids of the caller's team, for rules such as `record.owner in principal.team`. */
  readonly team?: readonly string[];
  /** Authentication methods of the login (`amr`, RFC 8176); absent: not known. */
  readonly amr?: readonly string[];
  /** Assurance level of the login (`acr`, OpenID Connect Core section 2). */
  readonly acr?: string;
  readonly via: IdentifiedVia;
}

/** Stands for an unrecognised caller; it has no roles and no purposes. */
export const STRANGER: Principal = { id: 'anonymous', roles: [], purposes: [], via: 'none' };

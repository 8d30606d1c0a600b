/** How a principal was recognised. `none`: nobody was, and the posture lets strangers in. `admin`: a key of the admin API. */
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
  /** Region of the app that calls, where that is another: what it is shown leaves the principal's. */
  readonly appRegion?: string;
  readonly level?: string;
  /** The caller's own record id in the CRM, for rules such as `record.owner == principal.crmUserId`. */
  readonly crmUserId?: string;
  /** Record ids in the CRM of those whose records count as the caller's team's: `record.owner in principal.team`. */
  readonly team?: readonly string[];
  /** How the caller has proven who it is (RFC 8176); absent: not known. */
  readonly amr?: readonly string[];
  /** How far that can be relied on (OpenID Connect Core §2). */
  readonly acr?: string;
  readonly via: IdentifiedVia;
}

/** Stands for a caller nobody recognised: it holds nothing. */
export const STRANGER: Principal = { id: 'anonymous', roles: [], purposes: [], via: 'none' };

/** The CRM user behind a token. */
export interface CrmUser {
  readonly id: string;
  /** The id by which records name the user as their owner. */
  readonly crmUserId?: string;
  /** What `roles` of the configuration maps: profile, user type, scopes. */
  readonly groups: readonly string[];
}

/** A request to send upstream. The token may have to stand in the path (HubSpot), so it must never be logged. */
export interface WhoAmIRequest {
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** How a CRM says whose a bearer token is. Made by `crm/`, used by `identity/`. */
export interface WhoAmI {
  /** Header in which clients send the token to this CRM. */
  readonly header: string;
  readonly request: (token: string) => WhoAmIRequest;
  /** Undefined when the answer names nobody. */
  readonly parse: (body: unknown) => CrmUser | undefined;
  /** A second request, for what the first answer does not say. */
  readonly more?: {
    readonly request: (token: string, user: CrmUser) => WhoAmIRequest;
    /**
     * @param body undefined when the CRM refuses the request
     * @returns undefined when the user counts as nobody without it
     */
    readonly parse: (body: unknown, user: CrmUser) => CrmUser | undefined;
  };
}

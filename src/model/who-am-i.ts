/** How a CRM says whose a bearer token is. Made by `crm/`, used by `identity/`. */
export interface WhoAmI {
  /** Header in which clients send the token to this CRM. */
  readonly header: string;
  /** Request to send upstream. The token may have to stand in the path (HubSpot), so it must never be logged. */
  readonly request: (token: string) => {
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
  };
  /** Undefined when the answer names nobody. `groups` are what `roles` of the configuration maps (profile, user type, scopes). */
  readonly parse: (
    body: unknown,
  ) => { readonly id: string; readonly crmUserId?: string; readonly groups: readonly string[] } | undefined;
}

/** What a sealed locator holds: the CRM's own locator, and the query that began the pages. */
export interface OpenedLocator {
  readonly locator: string;
  /** `Operation.continuation` of the query that began the pages. */
  readonly continuation: string;
}

/**
 * Opens a locator sealed for this principal and upstream; undefined when it is not one (a native locator, another's,
 * tampered with).
 */
export type OpenLocator = (sealed: string) => OpenedLocator | undefined;

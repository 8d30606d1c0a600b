export type Properties = Readonly<Record<string, string | null>>;

/** What a property was before. */
export interface PastValue {
  readonly value: string | null;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** A stored record. Never changed in place: a write puts a new one in its stead. */
export interface HubspotRecord {
  readonly id: string;
  readonly properties: Properties;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly archivedAt: number | undefined;
  readonly history: Readonly<Record<string, readonly PastValue[]>>;
}

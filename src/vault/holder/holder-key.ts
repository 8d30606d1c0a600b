/** A holder's data key, opened. */
export interface HolderKey {
  /** Tells one key of a holder from the next, after the first was destroyed. */
  readonly id: string;
  /** 32 bytes, in memory of key-memory.ts. */
  readonly key: Buffer;
  /** The entry as it is stored: what a guarded write expects. */
  readonly stored: Uint8Array;
}

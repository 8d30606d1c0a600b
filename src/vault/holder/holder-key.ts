import type { KeyObject } from 'node:crypto';

/** A holder's data key, opened. */
export interface HolderKey {
  /** Tells one key of a holder from the next, after the first was destroyed. */
  readonly id: string;
  readonly key: KeyObject;
  /** The entry as it is stored: what a guarded write expects. */
  readonly stored: Uint8Array;
}

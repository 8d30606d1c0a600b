import { randomBytes } from 'node:crypto';
import type { Write } from '../store/store.ts';
import { ERASURE } from './places.ts';

/**
 * Names the last erasure of a store. Drawn at random, so that a store that was emptied, filled from a backup or taken back to an earlier state
 * has never the name of another state. Who reads the same name together with a record as with a data key's entry before knows
 * that no data key has been destroyed since.
 */
export type Erasure = string;

const NAME_BYTES = 16;

/** To be written together with what destroys a data key. */
export function nextErasure(): Extract<Write, { readonly put: string }> {
  return { put: ERASURE, value: randomBytes(NAME_BYTES) };
}

/** Undefined where the store has none: then nothing is known. */
export function erasureOf(stored: Uint8Array | undefined): Erasure | undefined {
  return stored && Buffer.from(stored).toString('latin1');
}

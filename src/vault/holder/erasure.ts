import { randomBytes } from 'node:crypto';
import type { Write } from '../../store/store.ts';
import { ERASURE } from '../places.ts';

/**
 * Name of the last erasure of a store. Drawn at random, so that a store that was emptied, restored from a backup or
 * rolled back never has the name of another state. Whoever reads the same name with a record as before with a data
 * key's entry knows that no data key was destroyed in between.
 */
export type Erasure = string;

const NAME_BYTES = 16;

/** To be written together with what destroys a data key. */
export function nextErasure(): Extract<Write, { readonly put: string }> {
  return { put: ERASURE, value: randomBytes(NAME_BYTES) };
}

/** Undefined when the store has none: then nothing is known. */
export function erasureOf(stored: Uint8Array | undefined): Erasure | undefined {
  return stored && Buffer.from(stored).toString('latin1');
}

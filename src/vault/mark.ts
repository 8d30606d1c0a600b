import { drawBytes } from './random.ts';

const NONCE_BYTES = 8;

/**
 * A use of a token that the CRM has not confirmed. `pending`: it may have arrived. `refused`: the CRM said no. Every
 * attempt has a nonce of its own, so that the end of an older one does not touch a newer one.
 */
export interface Mark {
  readonly state: 'pending' | 'refused';
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly nonce: string;
}

export function pendingMark(nowMs: number): Buffer {
  return encodeMark({ state: 'pending', at: nowMs, nonce: drawBytes(NONCE_BYTES).toString('base64url') });
}

export function encodeMark(mark: Mark): Buffer {
  return Buffer.from(JSON.stringify(mark));
}

export function decodeMark(bytes: Uint8Array): Mark {
  // Written by this vault alone.
  return JSON.parse(Buffer.from(bytes).toString()) as Mark;
}

import { randomFillSync } from 'node:crypto';

const POOL = Buffer.alloc(8_192);
let used = POOL.length;

/**
 * Random bytes for nonces and tokens, drawn from the system many at a time. Not for keys: they would lie here until
 * they are used.
 */
export function drawBytes(length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  drawInto(bytes);
  return bytes;
}

/** The same, into bytes that are there. */
export function drawInto(bytes: Uint8Array): void {
  const { length } = bytes;
  if (used + length > POOL.length) {
    randomFillSync(POOL);
    used = 0;
  }
  const end = used + length;
  POOL.copy(bytes, 0, used, end);
  POOL.fill(0, used, end);
  used = end;
}

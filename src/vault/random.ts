import { randomFillSync } from 'node:crypto';

const POOL = Buffer.alloc(8_192);
let used = POOL.length;

/** Random bytes for nonces and tokens, drawn from the system many at a time. Not for keys: they are asked for one by one. */
export function drawBytes(length: number): Buffer {
  if (used + length > POOL.length) {
    randomFillSync(POOL);
    used = 0;
  }
  const bytes = Buffer.from(POOL.subarray(used, used + length));
  POOL.fill(0, used, used + length);
  used += length;
  return bytes;
}

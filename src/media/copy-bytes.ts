/** Up to this length a loop is faster than the call into native code. */
const SHORT_COPY = 40;

/** Copies `from[start, end)` to `to` at `at`, which must have room for it. @returns the position after it */
export function copyBytes(from: Buffer, to: Buffer, at: number, start: number, end: number): number {
  if (end - start > SHORT_COPY) {
    from.copy(to, at, start, end);
    return at + end - start;
  }
  let out = at;
  for (let index = start; index < end; index++) to[out++] = from[index] as number;
  return out;
}

/** Bytes of the sequence that begins with `lead`, 0x80 or more. */
export function sequenceLength(lead: number): number {
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}

/** The code point beyond ASCII whose sequence, already found well-formed, begins at `at`. */
export function pointAt(bytes: Buffer, at: number): number {
  const lead = bytes[at] as number;
  const first = (bytes[at + 1] as number) & 0x3f;
  if (lead < 0xe0) return ((lead & 0x1f) << 6) | first;
  const second = (bytes[at + 2] as number) & 0x3f;
  if (lead < 0xf0) return ((lead & 0x0f) << 12) | (first << 6) | second;
  return ((lead & 0x07) << 18) | (first << 12) | (second << 6) | ((bytes[at + 3] as number) & 0x3f);
}

/** Where the sequence that ends before `end` begins. */
export function sequenceStart(bytes: Buffer, end: number): number {
  let start = end - 1;
  while (((bytes[start] as number) & 0xc0) === 0x80) start--;
  return start;
}

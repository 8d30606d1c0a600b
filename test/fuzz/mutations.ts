import * as fc from 'fast-check';

/** One change to a body: bytes overwritten, taken out, put in or said twice at a place. */
interface Mutation {
  readonly kind: 'overwrite' | 'cut' | 'insert' | 'repeat';
  readonly place: number;
  readonly length: number;
  readonly bytes: Buffer;
}

/** Bytes that mean something to JSON, CSV or UTF-8. */
const TELLING = [
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '\n',
  '\r',
  '\t',
  ' ',
  '0',
  '-',
  'e',
  '\\u0022',
  '\\ud800',
]
  .map((text) => Buffer.from(text))
  .concat(
    [[0], [0xc3], [0xe2, 0x82], [0xf0, 0x9f], [0xff], [0xef, 0xbb, 0xbf], [0x80]].map((one) =>
      Buffer.from(one),
    ),
  );

const mutationArb: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('overwrite', 'cut', 'insert', 'repeat'),
  place: fc.nat(1_000_000),
  length: fc.integer({ min: 1, max: 40 }),
  bytes: fc.constantFrom(...TELLING),
});

function mutate(body: Buffer, { kind, place, length, bytes }: Mutation): Buffer {
  const at = place % (body.length + 1);
  const before = body.subarray(0, at);
  const after = body.subarray(at);
  const middle = {
    overwrite: [bytes, after.subarray(bytes.length)],
    cut: [after.subarray(length)],
    insert: [bytes, after],
    repeat: [after.subarray(0, length), after],
  };
  return Buffer.concat([before, ...middle[kind]]);
}

/** `body` with up to four changes. */
export function mutated(body: Buffer): fc.Arbitrary<Buffer> {
  return fc.array(mutationArb, { maxLength: 4 }).map((mutations) => mutations.reduce(mutate, body));
}

import { isUtf8 } from 'node:buffer';
import type { Limits } from '../limits.ts';
import { readJsonString } from './json/json-string.ts';
import { MemberNames } from './json/member-names.ts';
import { Scanner } from './json/scanner.ts';
import { MediaError } from './rewriter.ts';

/**
 * Parses a request body that can be read in one way only: strict JSON (RFC 8259) in UTF-8 without a byte order mark, no
 * name twice in an object (after unescaping), no unpaired surrogate in a name, nothing after the value.
 * @throws MediaError `malformed`, `ambiguous` (a name stands twice) or `limit` (`depthMax`)
 */
export function parseStrictJson(bytes: Buffer, limits: Pick<Limits, 'depthMax'>): unknown {
  if (!isUtf8(bytes)) throw new MediaError('malformed', 'The text is not UTF-8', 0);
  const names = new MemberNames();
  let depth = 0;
  const scanner = new Scanner(
    {
      expected: -1,
      otherExpected: -1,
      takesRuns: false,
      run() {},
      expectedName() {},
      name(start, end, escaped) {
        const name = readJsonString(bytes, start, end, escaped);
        if (!name.isWellFormed())
          throw new MediaError('malformed', 'A member name holds an unpaired surrogate', start);
        if (!names.add(depth, name)) throw new MediaError('ambiguous', 'A member name stands twice', start);
      },
      scalar() {},
      open() {
        names.open(++depth);
      },
      close() {
        names.close(depth--);
      },
      comma() {},
      line() {},
    },
    limits.depthMax,
  );
  scanner.run(bytes, bytes.length);
  scanner.finish(bytes.length);
  return JSON.parse(bytes.toString());
}

import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Limits } from '../limits.ts';
import { decoder, parseContentEncoding } from './codings.ts';
import { MediaError } from './rewriter.ts';

/**
 * Takes the content codings off a small body that is held whole.
 * @param contentEncoding as sent, or ''
 * @throws MediaError when a coding is not known, the body is not what it says, or it is over a limit
 */
export async function decodeWhole(
  coded: Buffer,
  contentEncoding: string,
  limits: Pick<Limits, 'decodedBytesMax' | 'expansionRatioMax'>,
): Promise<Buffer> {
  const codings = parseContentEncoding(contentEncoding);
  if (codings === undefined) throw new MediaError('malformed', 'the content coding is not known', 0);
  let body = coded;
  for (const coding of codings.toReversed()) {
    body = await buffer(Readable.from([body], { objectMode: false }).pipe(decoder(coding, limits)));
  }
  return body;
}

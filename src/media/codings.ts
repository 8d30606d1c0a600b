import { PassThrough, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import type { Limits } from '../limits.ts';
import { type Coding, Decoding } from './decoding.ts';

/** Content codings that can be read and written (RFC 9110 section 8.4.1, RFC 8878 for zstd). */
export const READABLE_CODINGS: readonly Coding[] = ['gzip', 'br', 'zstd', 'deflate', 'identity'];

/** Codings that may be applied to one body: more is a bomb or a mistake. */
const CODINGS_MAX = 3;
const NONE: readonly Coding[] = [];

/**
 * Codings of a Content-Encoding value in the order they were applied, `identity` left out; decode from the last to the
 * first. Undefined when one of them is not known or there are too many.
 */
export function parseContentEncoding(value: string): readonly Coding[] | undefined {
  if (value === '') return NONE;
  const names = value
    .toLowerCase()
    .split(',')
    .map((name) => name.trim().replace(/^x-(?=gzip$)/, ''))
    .filter((name) => name !== '' && name !== 'identity');
  const codings = names.map((name) => READABLE_CODINGS.find((coding) => coding === name));
  if (codings.length > CODINGS_MAX || codings.includes(undefined)) return undefined;
  return codings.filter((coding) => coding !== undefined);
}

/**
 * Decodes one content coding. Emits MediaError `limit` when the body grows beyond `decodedBytesMax` or, after the first
 * MiB, beyond `expansionRatioMax` times what came in, and `malformed` when the coded stream is damaged or cut short.
 */
export function decoder(
  coding: Coding,
  limits: Pick<Limits, 'decodedBytesMax' | 'expansionRatioMax'>,
): Transform {
  return new Decoding(coding, limits);
}

const ENCODERS: Readonly<Record<Coding, () => Transform>> = {
  gzip: () => zlib.createGzip({ level: 1, flush: zlib.constants.Z_SYNC_FLUSH }),
  deflate: () => zlib.createDeflate({ level: 1, flush: zlib.constants.Z_SYNC_FLUSH }),
  br: () =>
    zlib.createBrotliCompress({
      flush: zlib.constants.BROTLI_OPERATION_FLUSH,
      params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 },
    }),
  zstd: () =>
    zlib.createZstdCompress({
      flush: zlib.constants.ZSTD_e_flush,
      params: { [zlib.constants.ZSTD_c_compressionLevel]: 1 },
    }),
  identity: () => new PassThrough(),
};

/**
 * Encodes one content coding, for speed rather than size. Each write is flushed, so that streamed answers stay prompt.
 */
export function encoder(coding: Coding): Transform {
  return ENCODERS[coding]();
}

import type { Limits } from '../limits.ts';
import { decoder } from '../media/codings.ts';
import type { Coding } from '../media/decoding.ts';
import type { Rewriter } from '../media/rewriter.ts';
import type { BodyFilter } from './send.ts';

/** Coded bytes that may wait for the decoder; beyond it the bytes are not counted rather than held. */
const WAITING_BYTES_MAX = 4_194_304;
const NOTHING = Buffer.alloc(0);

export interface Counting {
  /** Passes every byte as it is. */
  readonly filter: BodyFilter;
  /** Counts what has passed to its end, however the answer ended; settles when that is done. Never rejects. */
  readonly finish: () => Promise<void>;
}

/**
 * Counts the records of an answer that passes untouched: whoever may see everything is on record too. A body that cannot be
 * counted still passes, because nothing in it had to be hidden.
 */
export function countingFilter(rewriter: Rewriter, coding: Coding | undefined, limits: Limits): Counting {
  const { promise, resolve } = Promise.withResolvers<void>();
  let counts = true;
  const attempt = (step: () => void): void => {
    if (!counts) return;
    try {
      step();
    } catch {
      counts = false;
      resolve();
    }
  };
  if (coding === undefined) {
    const filter = {
      push: (chunk: Buffer) => {
        attempt(() => rewriter.push(chunk));
        return chunk;
      },
      end: () => {
        attempt(() => rewriter.end());
        resolve();
        return NOTHING;
      },
    };
    return { filter, finish: () => finish(filter, promise) };
  }
  const decode = decoder(coding, limits)
    .on('data', (chunk: Buffer) => attempt(() => rewriter.push(chunk)))
    .on('end', () => attempt(() => rewriter.end()))
    .on('error', () => undefined)
    .on('close', () => resolve());
  const filter = {
    push: (chunk: Buffer) => {
      if (decode.writableLength > WAITING_BYTES_MAX) decode.destroy();
      else if (!decode.destroyed && !decode.writableEnded) decode.write(chunk);
      return chunk;
    },
    end: () => {
      if (!decode.destroyed && !decode.writableEnded) decode.end();
      return NOTHING;
    },
  };
  return { filter, finish: () => finish(filter, promise) };
}

/** An answer that breaks off, or has no body, never comes to its end by itself. Ending twice does no harm. */
function finish(filter: BodyFilter, counted: Promise<void>): Promise<void> {
  filter.end();
  return counted;
}

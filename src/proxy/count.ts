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
  /**
   * Says that the answer is over, whole or not: a client that leaves, or a HEAD request, never brings the filter to its end.
   * Resolves when what has passed is counted. Never rejects.
   */
  readonly over: () => Promise<void>;
}

/**
 * Counts the records of an answer that passes untouched: whoever may see everything is on record too. A body that cannot be
 * counted still passes, because nothing in it had to be hidden.
 */
export function countingFilter(rewriter: Rewriter, coding: Coding | undefined, limits: Limits): Counting {
  let counts = true;
  const attempt = (step: () => void): void => {
    if (!counts) return;
    try {
      step();
    } catch {
      counts = false;
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
        return NOTHING;
      },
    };
    return { filter, over: () => Promise.resolve() };
  }
  const { promise, resolve } = Promise.withResolvers<void>();
  const decode = decoder(coding, limits)
    .on('data', (chunk: Buffer) => attempt(() => rewriter.push(chunk)))
    .on('end', () => attempt(() => rewriter.end()))
    .on('error', () => undefined)
    .on('close', () => resolve());
  const finish = (): void => {
    if (!decode.destroyed && !decode.writableEnded) decode.end();
  };
  const filter = {
    push: (chunk: Buffer) => {
      if (decode.writableLength > WAITING_BYTES_MAX) decode.destroy();
      else if (!decode.destroyed) decode.write(chunk);
      return chunk;
    },
    end: () => {
      finish();
      return NOTHING;
    },
  };
  const over = (): Promise<void> => {
    finish();
    return promise;
  };
  return { filter, over };
}

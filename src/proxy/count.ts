import type { Gather, Walk } from '../enforce/answer.ts';
import type { Limits } from '../limits.ts';
import { decoder } from '../media/codings.ts';
import type { Coding } from '../media/decoding.ts';
import type { Rewriter } from '../media/rewriter.ts';
import type { BodyFilter } from './body-filter.ts';
import { gatherStage } from './gather-stage.ts';

/** Bytes that may wait for the decoder or for look-ups; beyond it the bytes are not counted rather than held. */
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

/** Where the decoded bytes go. */
interface Counter extends BodyFilter {
  readonly over: () => Promise<void>;
}

/**
 * Counts the records of an answer that passes untouched: whoever may see everything is on record too. A body that cannot be
 * counted still passes, because nothing in it had to be hidden.
 */
export function countingFilter(
  { rewriter, gather }: Walk,
  coding: Coding | undefined,
  limits: Limits,
): Counting {
  const counter = gather === undefined ? countAtOnce(rewriter) : countAfter(gather, limits);
  if (coding === undefined) return { filter: counter, over: counter.over };
  const { promise, resolve } = Promise.withResolvers<void>();
  const decode = decoder(coding, limits)
    .on('data', counter.push)
    .on('end', counter.end)
    .on('error', () => undefined)
    .on('close', () => resolve(counter.over()));
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

function countAtOnce(rewriter: Rewriter): Counter {
  let counts = true;
  const attempt = (step: () => void): void => {
    if (!counts) return;
    try {
      step();
    } catch {
      counts = false;
    }
  };
  return {
    push: (chunk) => {
      attempt(() => rewriter.push(chunk));
      return chunk;
    },
    end: () => {
      attempt(() => rewriter.end());
      return NOTHING;
    },
    over: () => Promise.resolve(),
  };
}

/** What the records count as rests on look-ups, which the bytes do not wait for. */
function countAfter(gather: Gather, limits: Limits): Counter {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stage = gatherStage(gather, limits.lookupWindowBytesMax)
    .on('error', () => undefined)
    .on('close', () => resolve())
    .resume();
  const end = (): Buffer => {
    if (!stage.destroyed && !stage.writableEnded) stage.end();
    return NOTHING;
  };
  return {
    push: (chunk) => {
      if (stage.writableLength > WAITING_BYTES_MAX) stage.destroy();
      else if (!stage.destroyed && !stage.writableEnded) stage.write(chunk);
      return chunk;
    },
    end,
    over: () => {
      end();
      return promise;
    },
  };
}

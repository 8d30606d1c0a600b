import type { Gather, Walk } from '../../enforce/answer.ts';
import type { Limits } from '../../limits.ts';
import { decoder } from '../../media/codings.ts';
import type { Coding } from '../../media/decoding.ts';
import type { Rewriter } from '../../media/rewriter.ts';
import type { BodyFilter } from './body-filter.ts';
import { gatherStage } from './gather-stage.ts';

/** Bytes that may wait for the decoder or for look-ups. Beyond it counting stops, so that no more is held. */
const WAITING_BYTES_MAX = 4_194_304;
const NOTHING = Buffer.alloc(0);

export interface Counting {
  /** Passes every byte as it is. */
  readonly filter: BodyFilter;
  /**
   * To be called when the answer is over, whole or not: when a client leaves, `filter.end` is never called. Resolves
   * when what has passed is counted. Never rejects.
   */
  readonly over: () => Promise<void>;
}

/** Where the decoded bytes go. */
interface Counter extends BodyFilter {
  readonly over: () => Promise<void>;
}

/**
 * Counts the records of an answer that passes untouched: what was shown to somebody who may see everything is on record
 * too. A body that cannot be counted still passes, because nothing in it had to be hidden.
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

/** How records count depends on look-ups; the bytes do not wait for them. */
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

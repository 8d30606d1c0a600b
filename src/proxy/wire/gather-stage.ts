import { Transform } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { callbackify } from 'node:util';
import type { Gather } from '../../enforce/answer.ts';
import type { Toll } from './toll-stage.ts';

/** About what a waiting record takes in memory beside its bytes: there may be many very short ones. */
const RECORD_BYTES = 256;

/** So that the sender is not held back while one chunk is walked through. */
const CHUNKS_BYTES_MAX = 262_144;

/**
 * Rewrites a body whose records need look-ups. Chunks are walked through as they come, and held until `windowBytesMax`
 * bytes are there or the body is over, so that a whole page takes one look-up. Where nothing has to be looked up they
 * leave at once.
 * @param toll awaited before anything rewritten leaves
 */
export function gatherStage(
  { rewriter, isWaiting, fetch, leavesAtOnce = false }: Gather,
  windowBytesMax: number,
  toll?: Toll,
): Transform {
  let isEmpty = true;
  let isFirst = true;
  let heldBytes = 0;

  const transform = (chunk: Buffer): Promise<void> | undefined => {
    if (chunk.length > 0) isEmpty = false;
    rewriter.push(chunk);
    heldBytes += chunk.length;
    if (isWaiting() && heldBytes + rewriter.waiting() * RECORD_BYTES < windowBytesMax) return undefined;
    return rewrite(false);
  };
  const flush = (): Promise<void> | undefined => {
    // An empty body is no document that could be incomplete.
    if (isEmpty) return undefined;
    rewriter.end();
    return rewrite(isFirst);
  };
  const rewrite = async (isWhole: boolean): Promise<void> => {
    isFirst = false;
    heldBytes = 0;
    await fetch(isWhole);
    const held: Buffer[] | undefined = leavesAtOnce && toll === undefined ? undefined : [];
    let isNext = false;
    for (let part = rewriter.next(); part !== undefined; part = rewriter.next()) {
      // Rewriting a window takes a while: other requests get their turn between its parts.
      if (isNext) await setImmediate();
      isNext = true;
      if (held === undefined) stage.push(part);
      else held.push(part);
    }
    if (held === undefined) return;
    await toll?.();
    for (const part of held) stage.push(part);
  };
  const stage = new Transform({
    writableHighWaterMark: CHUNKS_BYTES_MAX,
    transform: (chunk: Buffer, _encoding, done) => take(() => transform(chunk), done),
    flush: (done) => take(flush, done),
  });
  return stage;
}

/** Runs a step of a stage; most have nothing to wait for, and then no promise is made. */
function take(step: () => Promise<void> | undefined, done: (error?: Error | null) => void): void {
  let due: Promise<void> | undefined;
  try {
    due = step();
  } catch (error) {
    done(error instanceof Error ? error : new Error('Not an error was thrown.', { cause: error }));
    return;
  }
  if (due === undefined) done();
  else callbackify(() => due)((error) => done(error));
}

import { Transform } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { callbackify } from 'node:util';
import type { Gather } from '../enforce/answer.ts';
import type { Toll } from './toll-stage.ts';

/** What a record that waits takes beside its bytes, about: there may be many that have next to none. */
const RECORD_BYTES = 256;

/** Chunks are taken one at a time: none needs to be held back while the one before it is walked through. */
const CHUNKS_BYTES_MAX = 262_144;

/**
 * Rewrites a body whose records have to be asked about. Each chunk is walked through as it comes, and waits until `windowBytesMax` of them
 * are there or the body is over, so that the look-ups of a whole page are one; where nothing has to be known they go on at once.
 * @param toll what is waited for before anything rewritten leaves
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
    // An answer without a body says nothing: there is no document that could be incomplete.
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
      // A window takes a while to rewrite: others have their turn in between.
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

/** Takes a step of a stage, which mostly has nothing to wait for. */
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

import { Transform } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { callbackify } from 'node:util';
import type { Gather } from '../enforce/answer.ts';
import type { Toll } from './toll-stage.ts';

/** What a record that waits takes beside its bytes, about: there may be many that have next to none. */
const RECORD_BYTES = 256;

/**
 * Rewrites a body whose records have to be asked about. Each chunk is walked through as it comes, and waits until `windowBytesMax` of them
 * are there or the body is over, so that the look-ups of a whole page are one; where nothing has to be known they go on at once.
 * @param toll what is waited for before anything rewritten leaves
 */
export function gatherStage(
  { rewriter, isWaiting, fetch }: Gather,
  windowBytesMax: number,
  toll?: Toll,
): Transform {
  let isEmpty = true;
  let isFirst = true;
  let heldBytes = 0;

  const transform = async (chunk: Buffer): Promise<void> => {
    if (chunk.length > 0) isEmpty = false;
    rewriter.push(chunk);
    heldBytes += chunk.length;
    if (isWaiting() && heldBytes + rewriter.waiting() * RECORD_BYTES < windowBytesMax) return;
    await leave(await rewritten(false));
  };
  const flush = async (): Promise<void> => {
    // An answer without a body says nothing: there is no document that could be incomplete.
    if (isEmpty) return;
    rewriter.end();
    await leave(await rewritten(isFirst));
  };
  const rewritten = async (isWhole: boolean): Promise<Buffer[]> => {
    isFirst = false;
    heldBytes = 0;
    await fetch(isWhole);
    const out: Buffer[] = [];
    for (let part = rewriter.next(); part !== undefined; part = rewriter.next()) {
      // A window takes a while to rewrite: others have their turn in between.
      if (out.length > 0) await setImmediate();
      out.push(part);
    }
    return out;
  };
  const leave = async (chunks: readonly Buffer[]): Promise<void> => {
    await toll?.();
    for (const chunk of chunks) stage.push(chunk);
  };
  const take = callbackify(transform);
  const stage = new Transform({
    transform: (chunk: Buffer, _encoding, done) => take(chunk, (error) => done(error)),
    flush: (done) => callbackify(flush)((error) => done(error)),
  });
  return stage;
}

import { Transform } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { callbackify } from 'node:util';
import type { Gather } from '../enforce/answer.ts';
import type { BodyFilter } from './send.ts';

/**
 * Rewrites a body whose records have to be asked about. Each chunk is walked twice: ahead, to note all that has to be known of its records,
 * and, once that has been looked up, to rewrite them. Chunks wait until `windowBytesMax` of them are there or the body is over, so that the
 * look-ups of a whole page are one; where nothing has to be known they go on at once.
 */
export function gatherStage(gather: Gather, filter: BodyFilter, windowBytesMax: number): Transform {
  let isEmpty = true;
  let isFirst = true;
  let held: Buffer[] = [];
  let heldBytes = 0;

  const transform = async (chunk: Buffer): Promise<void> => {
    if (chunk.length > 0) isEmpty = false;
    gather.rewriter.push(chunk);
    held.push(chunk);
    heldBytes += chunk.length;
    if (!gather.isWaiting() || heldBytes >= windowBytesMax) await release(false);
  };
  const flush = async (): Promise<Buffer> => {
    if (!isEmpty) gather.rewriter.end();
    await release(isFirst);
    return filter.end();
  };
  const release = async (isWhole: boolean): Promise<void> => {
    isFirst = false;
    await gather.fetch(isWhole);
    const chunks = held;
    held = [];
    heldBytes = 0;
    for (const [index, chunk] of chunks.entries()) {
      // A window takes a while to rewrite: others have their turn in between.
      if (index > 0) await setImmediate();
      stage.push(filter.push(chunk));
    }
  };
  const stage = new Transform({
    transform: (chunk: Buffer, _encoding, done) => callbackify(transform)(chunk, (error) => done(error)),
    flush: callbackify(flush),
  });
  return stage;
}

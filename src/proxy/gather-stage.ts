import { Transform } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { callbackify } from 'node:util';
import type { Gather } from '../enforce/answer.ts';
import type { BodyFilter } from './send.ts';
import type { Toll } from './toll-stage.ts';

/**
 * Rewrites a body whose records have to be asked about. Each chunk is walked twice: ahead, to note all that has to be known of its records,
 * and, once that has been looked up, to rewrite them. Chunks wait until `windowBytesMax` of them are there or the body is over, so that the
 * look-ups of a whole page are one; where nothing has to be known they go on at once.
 * @param toll what is waited for before anything rewritten leaves
 */
export function gatherStage(
  gather: Gather,
  filter: BodyFilter,
  windowBytesMax: number,
  toll?: Toll,
): Transform {
  let isEmpty = true;
  let isFirst = true;
  let held: Buffer[] = [];
  let heldBytes = 0;

  const transform = async (chunk: Buffer): Promise<void> => {
    if (chunk.length > 0) isEmpty = false;
    gather.rewriter.push(chunk);
    held.push(chunk);
    heldBytes += chunk.length;
    if (gather.isWaiting() && heldBytes < windowBytesMax) return;
    await leave(await rewritten(false));
  };
  const flush = async (): Promise<void> => {
    if (!isEmpty) gather.rewriter.end();
    const last = await rewritten(isFirst);
    await leave([...last, filter.end()]);
  };
  const rewritten = async (isWhole: boolean): Promise<Buffer[]> => {
    isFirst = false;
    await gather.fetch(isWhole);
    const chunks = held;
    held = [];
    heldBytes = 0;
    const out: Buffer[] = [];
    for (const [index, chunk] of chunks.entries()) {
      // A window takes a while to rewrite: others have their turn in between.
      if (index > 0) await setImmediate();
      out.push(filter.push(chunk));
    }
    return out;
  };
  const leave = async (chunks: readonly Buffer[]): Promise<void> => {
    await toll?.();
    for (const chunk of chunks) stage.push(chunk);
  };
  const stage = new Transform({
    transform: (chunk: Buffer, _encoding, done) => callbackify(transform)(chunk, (error) => done(error)),
    flush: (done) => callbackify(flush)((error) => done(error)),
  });
  return stage;
}

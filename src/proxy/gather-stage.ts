import { Transform } from 'node:stream';
import { callbackify } from 'node:util';
import type { Gather } from '../enforce/answer.ts';
import type { BodyFilter } from './send.ts';
import type { Toll } from './toll-stage.ts';

/**
 * Rewrites a body whose records have to be asked about in the vault. Each chunk is walked twice: ahead, to ask for all that its records need,
 * in one go, and then to rewrite them. Nothing larger than a chunk and the record that is open waits.
 */
export function gatherStage({ rewriter: ahead, fetch }: Gather, filter: BodyFilter, toll?: Toll): Transform {
  let isEmpty = true;
  const transform = async (chunk: Buffer, _encoding: BufferEncoding): Promise<Buffer> => {
    if (chunk.length > 0) isEmpty = false;
    ahead.push(chunk);
    await fetch();
    const out = filter.push(chunk);
    await toll?.();
    return out;
  };
  const flush = async (): Promise<Buffer> => {
    if (!isEmpty) ahead.end();
    await fetch();
    const out = filter.end();
    await toll?.();
    return out;
  };
  return new Transform({ transform: callbackify(transform), flush: callbackify(flush) });
}

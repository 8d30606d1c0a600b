import { Transform } from 'node:stream';
import type { Gather } from '../enforce/answer.ts';
import type { BodyFilter } from './send.ts';

/**
 * Rewrites a body whose records have to be asked about in the vault. Each chunk is walked twice: ahead, to ask for all that its records need,
 * in one go, and then to rewrite them. Nothing larger than a chunk and the record that is open waits.
 */
export function gatherStage({ rewriter: ahead, fetch }: Gather, filter: BodyFilter): Transform {
  const step = async (gather: () => void, rewrite: () => Buffer): Promise<Buffer> => {
    gather();
    await fetch();
    return rewrite();
  };
  let isEmpty = true;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (chunk.length > 0) isEmpty = false;
      step(
        () => void ahead.push(chunk),
        () => filter.push(chunk),
      ).then((shown) => done(null, shown), done);
    },
    flush(done) {
      step(
        () => void (isEmpty ? undefined : ahead.end()),
        () => filter.end(),
      ).then((shown) => done(null, shown), done);
    },
  });
}

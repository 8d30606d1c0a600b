import { Transform } from 'node:stream';
import { callbackify } from 'node:util';
import type { BodyFilter } from './body-filter.ts';

/**
 * Counts the records in what a filter has returned, none of which may leave before. Undefined when there is nothing to
 * wait for.
 */
export type Toll = () => Promise<void> | undefined;

/**
 * Rewrites a body whose records are counted before they leave: a window at a time, so that an answer costs few calls to
 * the store. When records cannot be counted the stream fails.
 * @param windowBytesMax bytes that may wait
 */
export function tollStage(filter: BodyFilter, toll: Toll, windowBytesMax: number): Transform {
  let held: Buffer[] = [];
  let heldBytes = 0;
  const hold = (chunk: Buffer): void => {
    held.push(chunk);
    heldBytes += chunk.length;
  };
  const release = async (): Promise<Buffer> => {
    await toll();
    const whole = Buffer.concat(held, heldBytes);
    held = [];
    heldBytes = 0;
    return whole;
  };
  const transform = async (chunk: Buffer, _encoding: BufferEncoding): Promise<Buffer> => {
    hold(filter.push(chunk));
    return heldBytes < windowBytesMax ? NOTHING : release();
  };
  const flush = (): Promise<Buffer> => {
    hold(filter.end());
    return release();
  };
  return new Transform({ transform: callbackify(transform), flush: callbackify(flush) });
}

const NOTHING = Buffer.alloc(0);

import { isUtf8 } from 'node:buffer';
import { MediaError } from './rewriter.ts';

/** Bytes of the sequence that begins with `byte`; 1 for everything that begins none. */
function sequenceLength(byte: number): number {
  if (byte >= 0xf0) return 4;
  if (byte >= 0xe0) return 3;
  return byte >= 0xc0 ? 2 : 1;
}

/** Bytes at the end of `chunk` that begin a sequence which the next chunk must finish. */
function unfinished(chunk: Buffer): number {
  for (let back = 1; back <= 3 && back <= chunk.length; back++) {
    const byte = chunk[chunk.length - back] as number;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return sequenceLength(byte) > back ? back : 0;
  }
  return 0;
}

/**
 * Checks that a stream is strict UTF-8 (RFC 3629): natively chunk by chunk, and by itself for sequences that are split
 * between chunks.
 */
export class Utf8Gate {
  /** Beginning of a sequence that the last chunk left open. */
  private open: Buffer = Buffer.alloc(0);
  private offset = 0;

  /** @throws MediaError `malformed` when the bytes so far cannot be UTF-8 */
  check(chunk: Buffer): void {
    let rest = chunk;
    if (this.open.length > 0) {
      const needed = sequenceLength(this.open[0] as number) - this.open.length;
      const joined = Buffer.concat([this.open, chunk.subarray(0, needed)]);
      rest = chunk.subarray(needed);
      if (chunk.length < needed) {
        this.open = joined;
        this.offset += chunk.length;
        return;
      }
      if (!isUtf8(joined)) this.fail();
      this.open = Buffer.alloc(0);
    }
    const tail = unfinished(rest);
    if (!isUtf8(tail > 0 ? rest.subarray(0, rest.length - tail) : rest)) this.fail();
    if (tail > 0) this.open = Buffer.from(rest.subarray(rest.length - tail));
    this.offset += chunk.length;
  }

  /** @throws MediaError `malformed` when the last sequence is incomplete */
  end(): void {
    if (this.open.length > 0) this.fail();
  }

  private fail(): never {
    throw new MediaError('malformed', 'The text is not UTF-8', this.offset);
  }
}

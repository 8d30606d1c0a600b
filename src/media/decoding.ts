import { PassThrough, Transform, type TransformCallback } from 'node:stream';
import * as zlib from 'node:zlib';
import type { Limits } from '../limits.ts';
import { MediaError } from './rewriter.ts';

export type Coding = 'gzip' | 'br' | 'zstd' | 'deflate' | 'identity';

/** The expansion ratio counts from here on: a small body of zeros is no bomb. */
const FREE_BYTES = 1_048_576;
/** Senders of the `zstd` content coding keep to a window of 8 MB (RFC 9659 section 3). */
const ZSTD_WINDOW_LOG_MAX = 23;

/** zlib's streams count the bytes that they have read. */
type Engine = Transform & { readonly bytesWritten?: number };

/** Makes the engine of each coding; `first` is the first coded byte. */
const ENGINES: Readonly<Record<Coding, (first: number) => Engine>> = {
  gzip: () => zlib.createGunzip(),
  br: () => zlib.createBrotliDecompress(),
  zstd: () =>
    zlib.createZstdDecompress({ params: { [zlib.constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG_MAX } }),
  // The coding is zlib's format, but some senders leave the wrapper out (RFC 9110 section 8.4.1.2).
  deflate: (first) => ((first & 0x0f) === 8 ? zlib.createInflate() : zlib.createInflateRaw()),
  identity: () => new PassThrough(),
};

/** Takes one content coding off and counts what comes out. Holds back when its reader does. */
export class Decoding extends Transform {
  private readonly coding: Coding;
  private readonly limits: Pick<Limits, 'decodedBytesMax' | 'expansionRatioMax'>;
  private engine: Engine | undefined = undefined;
  private flushed: TransformCallback | undefined = undefined;
  private coded = 0;
  private decoded = 0;

  constructor(coding: Coding, limits: Pick<Limits, 'decodedBytesMax' | 'expansionRatioMax'>) {
    super();
    this.coding = coding;
    this.limits = limits;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (chunk.length === 0) {
      done();
      return;
    }
    this.coded += chunk.length;
    this.engine ??= this.start(chunk[0] as number);
    this.engine.write(chunk, (error) => {
      if (!error) done();
    });
  }

  override _flush(done: TransformCallback): void {
    if (this.engine === undefined) {
      done();
      return;
    }
    this.flushed = done;
    this.engine.end();
  }

  override _read(size: number): void {
    this.engine?.resume();
    super._read(size);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.engine?.destroy();
    done(error);
  }

  private start(first: number): Engine {
    const engine = ENGINES[this.coding](first);
    engine.on('data', (chunk: Buffer) => this.deliver(engine, chunk));
    engine.once('end', () => this.finish(engine));
    engine.on('error', () =>
      this.destroy(this.failure('malformed', 'The content coding is damaged or cut short')),
    );
    return engine;
  }

  /** An engine that ends before its input, or leaves some of it unread, has met data after the coded body. */
  private finish({ bytesWritten = this.coded }: Engine): void {
    if (this.flushed !== undefined && bytesWritten === this.coded) this.flushed();
    else this.destroy(this.failure('malformed', 'Data follows the coded body'));
  }

  private deliver(engine: Transform, chunk: Buffer): void {
    this.decoded += chunk.length;
    const { decodedBytesMax, expansionRatioMax } = this.limits;
    const isBomb = this.decoded > FREE_BYTES && this.decoded > this.coded * expansionRatioMax;
    if (isBomb || this.decoded > decodedBytesMax)
      this.destroy(this.failure('limit', 'The body grows too large when it is decoded'));
    else if (!this.push(chunk)) engine.pause();
  }

  private failure(reason: 'malformed' | 'limit', message: string): MediaError {
    return new MediaError(reason, message, this.coded);
  }
}

import { PassThrough, Transform, type TransformCallback } from 'node:stream';
import * as zlib from 'node:zlib';
import type { Limits } from '../limits.ts';
import { MediaError } from './rewriter.ts';

export type Coding = 'gzip' | 'br' | 'zstd' | 'deflate' | 'identity';

/** The expansion ratio counts from here on: a small body of zeros is no bomb. */
const FREE_BYTES = 1_048_576;
/** Senders of the `zstd` content coding keep to a window of 8 MB (RFC 9659 section 3). */
const ZSTD_WINDOW_LOG_MAX = 23;

/** Each frame takes an engine of its own. */
const ZSTD_FRAMES_MAX = 1_000;

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
  /** What is being written to the engine. */
  private fed: { readonly chunk: Buffer; readonly done: TransformCallback } | undefined = undefined;
  private frames = 0;
  private coded = 0;
  /** What engines that are over have read. */
  private readByEnded = 0;
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
    this.feed(this.engine, chunk, done);
  }

  private feed(engine: Engine, chunk: Buffer, done: TransformCallback): void {
    this.fed = { chunk, done };
    engine.write(chunk, (error) => {
      // An engine that is destroyed calls back, too.
      if (!error && engine === this.engine) done();
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
  private finish(engine: Engine): void {
    this.readByEnded += engine.bytesWritten ?? this.coded;
    const unread = this.coded - this.readByEnded;
    if (this.flushed !== undefined && unread === 0) this.flushed();
    else if (this.coding === 'zstd' && unread > 0) this.nextFrame(engine, unread);
    else this.destroy(this.failure('malformed', 'Data follows the coded body'));
  }

  /** zstd's frames may follow one another (RFC 8878 section 3); zlib's engine ends with the first. */
  private nextFrame(ended: Engine, unread: number): void {
    if (this.fed === undefined || ++this.frames >= ZSTD_FRAMES_MAX) {
      this.destroy(this.failure('limit', 'The body has too many frames'));
      return;
    }
    const { chunk, done } = this.fed;
    const rest = chunk.subarray(chunk.length - unread);
    this.engine = this.start(rest[0] as number);
    ended.destroy();
    this.feed(this.engine, rest, done);
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

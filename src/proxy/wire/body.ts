import type { IncomingMessage } from 'node:http';
import { type Readable, Transform } from 'node:stream';
import { PrivetError } from '../../errors.ts';

/** Bytes received so far of bodies without a Content-Length. */
const arrived = new WeakMap<IncomingMessage, number>();

/** Bytes of a request's body on the wire: as announced, or as many as have been read. */
export function bodyBytes(request: IncomingMessage): number {
  return arrived.get(request) ?? Number(request.headers['content-length'] ?? 0);
}

/**
 * The whole body of a request, still in its content coding.
 * @throws PrivetError REQUEST_TOO_LARGE, before more than `bytesMax` are held; REQUEST_MALFORMED when the client stops
 * half-way
 */
export function readBody(request: IncomingMessage, bytesMax: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) {
    return Promise.reject(new PrivetError('REQUEST_TOO_LARGE'));
  }
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  const settle = (): void => {
    request.off('data', onData).off('end', onEnd).off('error', onCut).off('close', onCut);
  };
  const onData = (chunk: Buffer): void => {
    bytes += chunk.length;
    arrived.set(request, bytes);
    if (bytes > bytesMax) {
      settle();
      request.pause();
      reject(new PrivetError('REQUEST_TOO_LARGE'));
      return;
    }
    chunks.push(chunk);
  };
  const onEnd = (): void => {
    settle();
    const [only] = chunks;
    resolve(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, bytes));
  };
  const onCut = (): void => {
    settle();
    reject(new PrivetError('REQUEST_MALFORMED', 'The body ends early.'));
  };
  request.on('data', onData).on('end', onEnd).on('error', onCut).on('close', onCut);
  return promise;
}

/**
 * The body of a request as a stream of at most `bytesMax` bytes, still in its content coding. A longer one breaks off
 * with REQUEST_TOO_LARGE.
 * @throws PrivetError REQUEST_TOO_LARGE when Content-Length says so
 */
export function boundBody(request: IncomingMessage, bytesMax: number): Readable {
  const announced = request.headers['content-length'];
  if (announced !== undefined) {
    if (Number(announced) > bytesMax) throw new PrivetError('REQUEST_TOO_LARGE');
    // Node's parser reads no further than Content-Length.
    return request;
  }
  let bytes = 0;
  const bound = new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length;
      arrived.set(request, bytes);
      if (bytes > bytesMax) done(new PrivetError('REQUEST_TOO_LARGE'));
      else done(null, chunk);
    },
  });
  const cut = (): void => {
    if (!request.readableEnded) bound.destroy(new PrivetError('REQUEST_MALFORMED', 'The body ends early.'));
  };
  request.on('error', cut).on('close', cut);
  return request.pipe(bound);
}

/** True when the request announces a body (RFC 9112 section 6). */
export function hasBody(request: IncomingMessage): boolean {
  const { 'content-length': length, 'transfer-encoding': coding } = request.headers;
  return coding !== undefined || (length !== undefined && length !== '0');
}

/**
 * Refuses a body on whose end two readers may disagree (RFC 9112 section 6.1): one with a transfer coding other than
 * chunked, which Node does not decode, or with any in a version of HTTP that has none.
 * @throws PrivetError REQUEST_MALFORMED
 */
export function refuseUnclearEnd({ headers, httpVersion }: IncomingMessage): void {
  const coding = headers['transfer-encoding'];
  if (coding === undefined) return;
  if (httpVersion !== '1.1')
    throw new PrivetError('REQUEST_MALFORMED', 'Only HTTP/1.1 has transfer codings.');
  if (coding.toLowerCase() !== 'chunked')
    throw new PrivetError('REQUEST_MALFORMED', 'Chunked is the only transfer coding that is read.');
}

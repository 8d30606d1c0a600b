import type { ServerResponse } from 'node:http';
import type { Duplex, Writable } from 'node:stream';
import type { AnswerBody } from './answer.ts';
import type { BodyFilter } from './body-filter.ts';
import type { Headers } from './headers.ts';
import { type Toll, tollStage } from './toll-stage.ts';

/** An answer on its way to the client. */
export interface Sending {
  readonly status: number;
  /** As they leave. `content-length` is set here when the length is known before the first byte. */
  readonly headers: Headers;
  readonly body: AnswerBody;
  /** Takes the content coding off before `filter`. */
  readonly decode?: Duplex;
  readonly filter?: BodyFilter;
  /** Awaited before anything that `filter` returned may leave. */
  readonly toll?: { readonly take: Toll; readonly windowBytesMax: number };
  /** In place of `filter`, when rewriting has to wait for something. */
  readonly stage?: Duplex;
  /** Puts a content coding on after `filter`. */
  readonly encode?: Duplex;
}

/** What became of an answer. */
export interface Sent {
  /** `aborted`: the client went away. `failed`: the CRM's answer broke off or could not be rewritten. */
  readonly outcome: 'complete' | 'aborted' | 'failed';
  /** Bytes of the body handed to the client's connection. */
  readonly bytes: number;
  /** Why it failed. Where `headersSent` of the response is still false, another answer can be given. */
  readonly error?: Error;
}

/** Something whose flow can be stopped. */
interface Flow {
  readonly pause: () => unknown;
  readonly resume: () => unknown;
}

/** Sends an answer whose whole body is there, with one write. */
export function sendWhole(response: ServerResponse, status: number, headers: Headers, body?: Buffer): void {
  if (isBodyless(response, status)) {
    response.writeHead(status, headers).end();
    return;
  }
  const bytes = body ?? Buffer.alloc(0);
  headers['content-length'] = String(bytes.length);
  response.writeHead(status, headers).end(bytes);
}

/**
 * Sends an answer as it comes. An answer that is not whole never ends in order: the connection is destroyed instead, so
 * that no client takes half an answer for all of it.
 */
export async function streamAnswer(response: ServerResponse, sending: Sending): Promise<Sent> {
  const { status, headers, body } = sending;
  if (response.closed || response.destroyed) {
    body.abort();
    return { outcome: 'aborted', bytes: 0 };
  }
  if (isBodyless(response, status)) {
    body.abort();
    sendWhole(response, status, headers);
    return afterClose(response, 0);
  }
  const chunks = body.complete();
  if (
    chunks === undefined ||
    [sending.decode, sending.stage, sending.encode].some((stream) => stream !== undefined)
  ) {
    return pump(response, sending);
  }
  let whole: Buffer;
  try {
    whole = filterWhole(chunks, sending.filter);
    const due = sending.toll?.take();
    if (due !== undefined) await due;
  } catch (error) {
    return { outcome: 'failed', bytes: 0, error: asError(error) };
  }
  if (response.closed) return { outcome: 'aborted', bytes: 0 };
  sendWhole(response, status, headers, whole);
  return afterClose(response, whole.length);
}

/**
 * Calls back when the client goes away before it was answered, at once if it has gone already.
 * @returns how to stop watching
 */
export function onClientGone(response: ServerResponse, gone: () => void): () => void {
  const closed = (): void => {
    if (!response.writableFinished) gone();
  };
  if (response.closed) closed();
  else response.once('close', closed);
  return () => response.off('close', closed);
}

function pump(response: ServerResponse, sending: Sending): Promise<Sent> {
  const { promise, resolve } = Promise.withResolvers<Sent>();
  const { status, headers, body, decode, encode } = sending;
  const { filter, stage } = stagesOf(sending);
  let bytes = 0;
  let isSettled = false;

  const settle = (sent: Sent): void => {
    if (isSettled) return;
    isSettled = true;
    if (sent.outcome !== 'complete') {
      body.abort();
      decode?.destroy();
      stage?.destroy();
      encode?.destroy();
    }
    resolve(sent);
  };
  const fail = (error: unknown): void => {
    if (isSettled) return;
    settle({ outcome: 'failed', bytes, error: asError(error) });
    if (response.headersSent) cutOff(response);
  };
  /** Runs a step of the chain: whatever it throws fails the answer. */
  const attempt = (step: () => void): void => {
    if (isSettled) return;
    try {
      step();
    } catch (error) {
      fail(error);
    }
  };

  const toStage: Flow = decode ?? body;
  const toFilter: Flow = stage ?? toStage;
  const writeClient = writeTo(response, encode ?? toFilter);
  const toClient = (chunk: Buffer): void => {
    if (chunk.length === 0) return;
    if (!response.headersSent) response.writeHead(status, headers);
    bytes += chunk.length;
    writeClient(chunk);
  };
  const endClient = (last: Buffer): void => {
    bytes += last.length;
    if (response.headersSent) response.end(last);
    else sendWhole(response, status, headers, last);
  };
  const out = encode === undefined ? toClient : writeTo(encode, toFilter);
  const end = encode === undefined ? endClient : (last: Buffer) => encode.end(last);
  const rewrite = (chunk: Buffer): void =>
    attempt(() => out(filter === undefined ? chunk : filter.push(chunk)));
  const finish = (): void => attempt(() => end(filter === undefined ? Buffer.alloc(0) : filter.end()));

  response.on('error', fail).once('close', () => {
    settle(response.writableFinished ? { outcome: 'complete', bytes } : { outcome: 'aborted', bytes });
  });
  encode
    ?.on('data', (chunk: Buffer) => attempt(() => toClient(chunk)))
    .on('end', () => attempt(() => endClient(Buffer.alloc(0))))
    .on('error', fail);
  stage?.on('data', rewrite).on('end', finish).on('error', fail);
  const stageData = stage === undefined ? rewrite : whileOpen(writeTo(stage, toStage));
  const stageEnd = stage === undefined ? finish : whileOpen(() => stage.end());
  decode?.on('data', stageData).on('end', stageEnd).on('error', fail);
  body.start({
    data: decode === undefined ? stageData : whileOpen(writeTo(decode, body)),
    end: decode === undefined ? stageEnd : whileOpen(() => decode.end()),
    error: fail,
  });
  return promise;

  function whileOpen<T extends unknown[]>(step: (...args: T) => unknown): (...args: T) => void {
    return (...args) => attempt(() => void step(...args));
  }
}

/** A filter whose output has to wait for a toll becomes a stage. */
function stagesOf(sending: Sending): Pick<Sending, 'filter' | 'stage'> {
  const { filter, toll } = sending;
  if (filter === undefined || toll === undefined) return sending;
  return { stage: tollStage(filter, toll.take, toll.windowBytesMax) };
}

/** Writes on, and stops the source while the sink is full. */
function writeTo(sink: Writable, source: Flow): (chunk: Buffer) => void {
  sink.on('drain', () => source.resume());
  return (chunk) => {
    if (chunk.length > 0 && !sink.write(chunk)) source.pause();
  };
}

function filterWhole(chunks: readonly Buffer[], filter: BodyFilter | undefined): Buffer {
  const out = filter === undefined ? chunks : [...chunks.map((chunk) => filter.push(chunk)), filter.end()];
  const filled = out.filter((chunk) => chunk.length > 0);
  const [only] = filled;
  return filled.length === 1 && only !== undefined ? only : Buffer.concat(filled);
}

function afterClose(response: ServerResponse, bytes: number): Promise<Sent> {
  const { promise, resolve } = Promise.withResolvers<Sent>();
  const settle = (): void => resolve({ outcome: response.writableFinished ? 'complete' : 'aborted', bytes });
  if (response.closed) settle();
  else response.once('close', settle);
  return promise;
}

/** True when an answer has no body whatever its headers say: RFC 9110 sections 9.3.2 and 15. */
export function isBodyless(response: ServerResponse, status: number): boolean {
  return response.req.method === 'HEAD' || status === 204 || status === 205 || status === 304;
}

/** An HTTP/1.0 client takes the orderly end of the connection for the end of the answer, so it gets a reset. */
function cutOff(response: ServerResponse): void {
  const { socket } = response;
  if (socket !== null && response.req.httpVersionMinor === 0 && !('encrypted' in socket))
    socket.resetAndDestroy();
  else response.destroy();
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('Not an error was thrown.', { cause: error });
}

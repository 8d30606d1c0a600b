import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { endAnswer, sendWhole } from './send-whole.ts';
import { closed, failed, type Sending, type Sent } from './sending.ts';
import { tollStage } from './toll-stage.ts';

/** Something whose flow can be stopped. */
interface Flow {
  readonly pause: () => unknown;
  readonly resume: () => unknown;
}

/** Sends a body through its stages to the client: decode, stage or filter, encode. */
export function pump(response: ServerResponse, sending: Sending): Promise<Sent> {
  const { body, decode, encode } = sending;
  const { filter, stage } = stagesOf(sending);
  const toStage: Flow = decode ?? body;
  const toFilter: Flow = stage ?? toStage;
  const client = clientOf(response, sending, encode ?? toFilter);
  const { sent, fail, attempt } = courseOf(response, client, () => {
    body.abort();
    for (const stream of [decode, stage, encode]) stream?.destroy();
  });
  const whileOpen =
    <T extends unknown[]>(step: (...args: T) => unknown): ((...args: T) => void) =>
    (...args) =>
      attempt(() => void step(...args));

  const out = encode === undefined ? client.write : writeTo(encode, toFilter);
  const end = encode === undefined ? client.end : (last: Buffer) => encode.end(last);
  const rewrite = whileOpen((chunk: Buffer) => out(filter === undefined ? chunk : filter.push(chunk)));
  const finish = whileOpen(() => end(filter === undefined ? Buffer.alloc(0) : filter.end()));

  encode
    ?.on('data', whileOpen(client.write))
    .on(
      'end',
      whileOpen(() => client.end(Buffer.alloc(0))),
    )
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
  return sent;
}

/** The client's end of an answer. */
interface Client {
  readonly write: (chunk: Buffer) => void;
  readonly end: (last: Buffer) => void;
  /** Bytes of the body so far. */
  readonly bytes: () => number;
}

/** @param source is stopped while the client does not read */
function clientOf(response: ServerResponse, { status, headers }: Sending, source: Flow): Client {
  const writeOn = writeTo(response, source);
  let bytes = 0;
  return {
    write: (chunk) => {
      if (chunk.length === 0) return;
      if (!response.headersSent) response.writeHead(status, headers);
      bytes += chunk.length;
      writeOn(chunk);
    },
    end: (last) => {
      bytes += last.length;
      if (response.headersSent) endAnswer(response, last);
      else sendWhole(response, status, headers, last);
    },
    bytes: () => bytes,
  };
}

/** How an answer ends: once, by whatever comes first. */
interface Course {
  readonly sent: Promise<Sent>;
  readonly fail: (error: unknown) => void;
  /** Runs a step unless the answer is over: whatever the step throws fails the answer. */
  readonly attempt: (step: () => void) => void;
}

/** @param release frees what the answer holds when it does not come to its end */
function courseOf(response: ServerResponse, { bytes }: Client, release: () => void): Course {
  const { promise: sent, resolve } = Promise.withResolvers<Sent>();
  let isOver = false;
  const settle = (end: Sent): void => {
    if (isOver) return;
    isOver = true;
    if (end.outcome !== 'complete') release();
    resolve(end);
  };
  const fail = (error: unknown): void => {
    if (isOver) return;
    settle(failed(error, bytes()));
    if (response.headersSent) cutOff(response);
  };
  const attempt = (step: () => void): void => {
    if (isOver) return;
    try {
      step();
    } catch (error) {
      fail(error);
    }
  };
  response.on('error', fail).once('close', () => settle(closed(response, bytes())));
  return { sent, fail, attempt };
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

/** An HTTP/1.0 client takes the orderly end of the connection for the end of the answer, so it gets a reset. */
function cutOff(response: ServerResponse): void {
  const { socket } = response;
  if (socket !== null && response.req.httpVersionMinor === 0 && !('encrypted' in socket))
    socket.resetAndDestroy();
  else response.destroy();
}

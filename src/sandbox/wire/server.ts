import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_LIMITS } from '../../limits.ts';
import { chooseCoding, decode, encode } from './codings.ts';
import { AnswerError, type Handler, type SandboxAnswer, type SandboxRequest, textAnswer } from './message.ts';

/** A request as it arrived. */
export interface RecordedRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** As received: a content coding is still on. */
  readonly body: Buffer;
}

/** What goes wrong on purpose. Read at every request, so a test may change it while the sandbox runs. */
export interface Faults {
  /** Wait before every answer. */
  delayMs: number;
  /** `before-headers`: the connection is cut instead of an answer; `mid-body`: after half of the body. */
  cut: 'none' | 'before-headers' | 'mid-body';
}

export interface SandboxServer {
  readonly url: string;
  readonly requests: readonly RecordedRequest[];
  readonly close: () => Promise<void>;
}

/** Requests remembered; older ones are forgotten. */
const RECORDED_MAX = 1_000;
const BODY_BYTES_MAX = DEFAULT_LIMITS.uploadBytesMax;

/** The whole body; undefined when it is larger than the sandbox takes. */
async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > BODY_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parseRequest(incoming: IncomingMessage, body: Buffer): SandboxRequest {
  const url = incoming.url ?? '/';
  const { pathname, searchParams } = new URL(url, 'http://sandbox.invalid');
  return {
    method: incoming.method === 'HEAD' ? 'GET' : (incoming.method ?? 'GET'),
    url,
    path: pathname,
    segments: pathname.split('/').filter(Boolean).map(decodeURIComponent),
    query: searchParams,
    headers: incoming.headers,
    body: decode(body, incoming.headers['content-encoding'], BODY_BYTES_MAX),
  };
}

function answerOf(incoming: IncomingMessage, body: Buffer, handler: Handler): SandboxAnswer {
  let request: SandboxRequest;
  try {
    request = parseRequest(incoming, body);
  } catch {
    return textAnswer(400, 'text/plain;charset=UTF-8', 'Bad request');
  }
  try {
    return handler(request);
  } catch (error) {
    if (error instanceof AnswerError) return error.answer;
    throw error;
  }
}

function send(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  answer: SandboxAnswer,
  faults: Faults,
): void {
  const coding = answer.body ? chooseCoding(incoming.headers['accept-encoding']) : undefined;
  const body = answer.body && coding ? encode(answer.body, coding) : answer.body;
  outgoing.writeHead(answer.status, {
    date: new Date().toUTCString(),
    ...answer.headers,
    ...(answer.body ? { vary: 'Accept-Encoding' } : {}),
    ...(coding ? { 'content-encoding': coding } : {}),
    ...(body ? { 'content-length': body.byteLength } : {}),
  });
  if (body && faults.cut === 'mid-body' && incoming.method !== 'HEAD') {
    outgoing.write(body.subarray(0, body.byteLength >> 1), () => outgoing.destroy());
    return;
  }
  if (body && incoming.method !== 'HEAD') outgoing.end(body);
  else outgoing.end();
}

/** Listens on the loopback interface. @param port 0 takes a free one */
export async function listen(handler: Handler, faults: Faults, port: number): Promise<SandboxServer> {
  const requests: RecordedRequest[] = [];
  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const body = await readBody(incoming);
    if (body === undefined) {
      outgoing.writeHead(413, { connection: 'close' }).end();
      return;
    }
    const { method = 'GET', url = '/', headers } = incoming;
    if (requests.length === RECORDED_MAX) requests.shift();
    requests.push({ method, url, headers, body });
    const { delayMs, cut } = faults;
    if (delayMs > 0) await sleep(delayMs);
    if (cut === 'before-headers') outgoing.destroy();
    else send(incoming, outgoing, answerOf(incoming, body, handler), faults);
  };
  const server = createServer(
    { keepAliveTimeout: DEFAULT_LIMITS.keepAliveTimeoutMs },
    (incoming, outgoing) => {
      serve(incoming, outgoing).catch(() => outgoing.destroy());
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

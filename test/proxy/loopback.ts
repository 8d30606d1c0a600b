import { once } from 'node:events';
import http, { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { PrivetError } from '../../src/errors.ts';
import { DEFAULT_LIMITS, type Limits } from '../../src/limits.ts';
import type { Answer } from '../../src/proxy/wire/answer.ts';
import { answerHeaders } from '../../src/proxy/wire/answer-headers.ts';
import { boundBody, hasBody, refuseUnclearEnd } from '../../src/proxy/wire/body.ts';
import { denialAnswer } from '../../src/proxy/wire/denial.ts';
import { createLinks, proxyBase } from '../../src/proxy/wire/links.ts';
import { createListener, type ListenerOptions } from '../../src/proxy/wire/listener.ts';
import { refuseRepeatedHeaders, requestHeaders } from '../../src/proxy/wire/request-headers.ts';
import { onClientGone, streamAnswer } from '../../src/proxy/wire/send.ts';
import { sendWhole } from '../../src/proxy/wire/send-whole.ts';
import type { Sending, Sent } from '../../src/proxy/wire/sending.ts';
import { canonicalTarget, formatTarget } from '../../src/proxy/wire/target.ts';
import { createUpstream } from '../../src/proxy/wire/upstream.ts';

/** What a test closes again. */
const running: (() => Promise<unknown>)[] = [];

/** Closes something when the test is over, the last one first. */
export function closeAfterTest(close: () => Promise<unknown>): void {
  running.push(close);
}

export async function closeAll(): Promise<void> {
  for (const close of running.splice(0).reverse()) await close();
}

/** A CRM on loopback. */
export async function startCrm(
  handler: (request: IncomingMessage, response: ServerResponse) => unknown,
  tls?: { cert: string; key: string },
): Promise<{ url: string; server: Server }> {
  const listener = (request: IncomingMessage, response: ServerResponse): void =>
    void handler(request, response);
  const server = tls === undefined ? http.createServer(listener) : https.createServer(tls, listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  running.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
  };
}

export interface LoopbackOptions {
  readonly ca?: string;
  readonly limits?: Partial<Limits>;
  readonly tls?: ListenerOptions['listen']['tls'];
  readonly prefix?: string;
  /** What else stands on the way of an answer. */
  readonly passage?: (answer: Answer) => Partial<Sending>;
}

export interface Loopback {
  readonly port: number;
  readonly url: string;
  readonly sent: Sent[];
  readonly failures: unknown[];
  readonly close: () => Promise<void>;
}

/** Listener and upstream with the least between them that answers. */
export async function startProxy(upstreamUrl: string, options: LoopbackOptions = {}): Promise<Loopback> {
  const limits: Limits = { ...DEFAULT_LIMITS, drainTimeoutMs: 2_000, ...options.limits };
  const upstream = createUpstream({
    name: 'crm',
    url: upstreamUrl,
    tls: options.ca === undefined ? {} : { ca: options.ca },
    limits,
  });
  const links = createLinks(upstreamUrl, ['api.crm.example', '*.crm.example']);
  const sent: Sent[] = [];
  const failures: unknown[] = [];

  const forward = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    refuseRepeatedHeaders(request.rawHeaders);
    refuseUnclearEnd(request);
    const base = proxyBase(request, options.tls !== undefined, options.prefix ?? '');
    const target = canonicalTarget(request.url ?? '', request.method ?? '', request.headers, () => false);
    const headers = requestHeaders(request.headers, {
      drop: new Set(['x-privet-key']),
      client: { address: '127.0.0.1', host: request.headers.host ?? '', scheme: 'http' },
      rewritesAnswer: options.passage !== undefined,
      viewId: options.passage === undefined ? undefined : 'v1',
      isUnconditional: false,
    });
    const length = request.headers['content-length'];
    if (length !== undefined) headers['content-length'] = length;
    const exchange = upstream.send({
      method: target.method,
      path: formatTarget(target.path, target.query),
      headers,
      ...(hasBody(request) ? { body: boundBody(request, limits.uploadBytesMax) } : {}),
    });
    const stopWatching = onClientGone(response, exchange.abort);
    const answer = await exchange.answer;
    stopWatching();
    const outcome = await streamAnswer(response, {
      status: answer.status,
      headers: answerHeaders(answer.headers, {
        requestId: 'r1',
        changesBody: options.passage !== undefined,
        viewId: options.passage === undefined ? undefined : 'v1',
        changesUnseen: false,
        varyOn: ['authorization'],
        links: links(base),
      }),
      body: answer.body,
      ...options.passage?.(answer),
    });
    sent.push(outcome);
    if (outcome.outcome === 'failed' && !response.headersSent) throw new PrivetError('ANSWER_UNREADABLE');
  };

  const listener = await createListener({
    listen: { host: '127.0.0.1', port: 0, ...(options.tls === undefined ? {} : { tls: options.tls }) },
    limits,
    logger: {
      info: () => undefined,
      error: (...what: unknown[]) => void failures.push(what),
    },
    handle: async (request, response) => {
      try {
        await forward(request, response);
      } catch (error) {
        if (!(error instanceof PrivetError)) throw error;
        failures.push(error);
        if (response.destroyed) return;
        const denial = denialAnswer(error, { crm: undefined, accept: '', requestId: 'r1' });
        sendWhole(response, denial.status, denial.headers, denial.body);
      }
    },
  });
  const { port } = await listener.listen();
  const close = async () => {
    await listener.close();
    await upstream.destroy();
  };
  running.push(close);
  return {
    port,
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    sent,
    failures,
    close,
  };
}

/**
 * Sends bytes and gives all that comes back until the connection ends, which they have to ask for where nothing is
 * refused.
 */
export async function exchangeRaw(port: number, bytes: string | Buffer): Promise<string> {
  const socket = net.connect(port, '127.0.0.1');
  const { promise, resolve } = Promise.withResolvers<void>();
  let received = '';
  socket
    .on('data', (chunk) => {
      received += chunk.toString('latin1');
    })
    .on('error', () => resolve())
    .on('close', () => resolve());
  socket.write(bytes);
  await promise;
  return received;
}

export interface Reply {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

/** One request by Node's own client; rejects when the answer breaks off. */
export async function ask(
  url: string,
  options: https.RequestOptions & { body?: string | Buffer } = {},
): Promise<Reply> {
  const { body, ...rest } = options;
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const client = url.startsWith('https:') ? https : http;
  const request = client.request(url, { agent: false, ...rest }, (response) => {
    const chunks: Buffer[] = [];
    response
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('error', reject)
      .on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
  });
  request.on('error', reject).end(body);
  return promise;
}

/** A CRM that says what reached it. */
export async function startEcho() {
  const seen: string[] = [];
  const crm = await startCrm((request, response) => {
    const chunks: Buffer[] = [];
    request
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => {
        seen.push(`${request.method} ${request.url} ${Buffer.concat(chunks).toString()}`);
        response.end(JSON.stringify({ url: request.url, headers: request.headers }));
      });
  });
  return { ...crm, seen };
}

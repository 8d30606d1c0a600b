/**
 * The way in. Fastify and @fastify/http-proxy are the frame: server, routing, draining. The plugin's documented
 * `preHandler` option takes requests over before the plugin's own forwarding, so that the leg to the CRM can be driven
 * through undici's `dispatch` (see upstream.ts): there a client that leaves before the answer is noticed, back-pressure
 * runs from socket to socket, GET bodies and raw targets survive, TLS is verified, and a small answer leaves with one
 * write. It also saves what the plugin does for a destination (three URLs a request).
 */
import { randomUUID } from 'node:crypto';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import httpProxy from '@fastify/http-proxy';
import fastify from 'fastify';
import type { Logger } from 'pino';
import { PrivetError } from '../../errors.ts';
import type { Limits } from '../../limits.ts';
import { denialAnswer, type OwnAnswer } from './denial.ts';
import { sendWhole } from './send.ts';
import { createTurns, type Turns } from './turns.ts';

export interface ListenerOptions {
  readonly listen: {
    readonly host: string;
    /** 0: whichever port is free. */
    readonly port: number;
    /** PEM. With `clientCa` only clients with a certificate of it may connect. */
    readonly tls?: { readonly cert: string; readonly key: string; readonly clientCa?: string };
  };
  readonly limits: Limits;
  readonly logger: Pick<Logger, 'info' | 'error'>;
  /**
   * Answers one request. `request.url` is the target as it was sent, the body is unread.
   * @param receivedAt in the time of `performance.now()`
   */
  readonly handle: (
    request: IncomingMessage,
    response: ServerResponse,
    receivedAt: number,
  ) => Promise<void> | void;
}

export interface Listener {
  /** @throws when the address cannot be had */
  readonly listen: () => Promise<AddressInfo>;
  /**
   * Takes no more connections, lets running requests end within `limits.drainTimeoutMs` or until `hurry`, then cuts
   * them off. Waits for their handlers.
   */
  readonly close: (hurry?: AbortSignal) => Promise<void>;
}

export async function createListener(options: ListenerOptions): Promise<Listener> {
  const { limits, listen, logger } = options;
  const turns = createTurns(limits.pipelinedRequestsMax);
  const running = new Set<Promise<void>>();
  let server: http.Server | undefined;
  const app = fastify({
    logger: false,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    // One route takes every target unread: what a target means is decided once, in target.ts.
    rewriteUrl: () => '/',
    serverFactory: (route) => {
      server = createServer(options, turns, route);
      return server;
    },
    clientErrorHandler: (error, socket) => refuseMalformed(error, socket, turns),
  });
  // Bodies stay untouched streams: no method has a body that Fastify would parse.
  app.removeAllContentTypeParsers();
  const methods = http.METHODS.filter((method) => method !== 'CONNECT');
  for (const method of methods) app.addHttpMethod(method, { hasBody: false, overrideExisting: true });

  await app.register(httpProxy, {
    upstream: 'http://privet.invalid',
    httpMethods: methods,
    routes: ['/'],
    proxyPayloads: false,
    preHandler: (request, reply) => {
      reply.hijack();
      const { raw } = request;
      raw.url = request.originalUrl;
      answer(options, running, raw, reply.raw, performance.now());
    },
  });
  await app.ready();
  if (server === undefined) throw new PrivetError('INTERNAL', 'No server was made.');
  const listening = server;
  return {
    listen: async () => {
      await app.listen({ host: listen.host, port: listen.port });
      const address = listening.address();
      if (address === null || typeof address === 'string')
        throw new PrivetError('INTERNAL', 'No address to listen on.');
      logger.info({ host: address.address, port: address.port }, 'listening');
      return address;
    },
    close: async (hurry) => {
      await drain(listening, turns, () => app.close(), limits.drainTimeoutMs, hurry);
      // Requests that were cut off are still put on record. Only a look-up can delay that.
      await Promise.race([Promise.all(running), sleep(limits.lookupTimeoutMs, undefined, { ref: false })]);
    },
  };
}

function createServer(
  { limits, listen, logger }: ListenerOptions,
  turns: Turns,
  route: (request: IncomingMessage, response: ServerResponse) => void,
): http.Server {
  const serverOptions: http.ServerOptions = {
    insecureHTTPParser: false,
    // Node's own refusal has no request id; proxyBase refuses instead.
    requireHostHeader: false,
    maxHeaderSize: limits.headerBytesMax,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    connectionsCheckingInterval: Math.min(5_000, Math.ceil(limits.headersTimeoutMs / 3)),
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    noDelay: true,
    // Java's client offers HTTP/2 with every clear-text request; RFC 9110 section 7.8 lets a server pass over it.
    shouldUpgradeCallback: (request) => request.headers.upgrade?.toLowerCase() !== 'h2c',
  };
  const { tls } = listen;
  const server =
    tls === undefined
      ? http.createServer(serverOptions)
      : https.createServer({
          ...serverOptions,
          cert: tls.cert,
          key: tls.key,
          minVersion: 'TLSv1.2',
          handshakeTimeout: limits.headersTimeoutMs,
          ...(tls.clientCa === undefined
            ? {}
            : { ca: tls.clientCa, requestCert: true, rejectUnauthorized: true }),
        });
  server.maxConnections = limits.clientConnectionsMax;
  server.timeout = limits.clientSilenceTimeoutMs;
  server.on('request', (request: IncomingMessage, response: ServerResponse) =>
    turns.take(response, () => route(request, response)),
  );
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    const refusal = refusalOf(
      new PrivetError('REQUEST_MALFORMED', 'Only 100-continue can be expected.'),
      request,
    );
    turns.take(response, () => sendWhole(response, refusal.status, refusal.headers, refusal.body));
  });
  const refuseUpgrade = (request: IncomingMessage, socket: Duplex): void => {
    socket.on('error', () => socket.destroy());
    if (turns.isFree(socket)) writeRaw(socket, refusalOf(new PrivetError('UPGRADE_REFUSED'), request));
    else socket.destroy();
  };
  server.on(tls === undefined ? 'connection' : 'secureConnection', turns.opened);
  if (tls !== undefined) server.on('connection', turns.accepted);
  server.on('upgrade', refuseUpgrade);
  server.on('connect', refuseUpgrade);
  server.on('drop', () => logger.error('a connection was refused: limits.clientConnectionsMax'));
  return server;
}

function answer(
  { handle, logger }: ListenerOptions,
  running: Set<Promise<void>>,
  request: IncomingMessage,
  response: ServerResponse,
  receivedAt: number,
): void {
  const fail = (error: unknown): void => {
    logger.error({ err: error }, 'a request could not be answered');
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const refusal = refusalOf(new PrivetError('INTERNAL'), request);
    sendWhole(response, refusal.status, refusal.headers, refusal.body);
  };
  try {
    const handled = handle(request, response, receivedAt)?.catch(fail);
    if (handled === undefined) return;
    running.add(handled);
    void handled.then(() => running.delete(handled));
  } catch (error) {
    fail(error);
  }
}

/** Answers bytes that are no request. The connection ends, because nobody knows where the next request begins. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Duplex, turns: Turns): void {
  if (error.code === 'ECONNRESET' || !socket.writable || !turns.isFree(socket)) {
    socket.destroy();
    return;
  }
  writeRaw(socket, refusalOf(new PrivetError(malformedCode(error.code)), undefined));
}

function malformedCode(
  code: string | undefined,
): 'HEADERS_TOO_LARGE' | 'REQUEST_TIMEOUT' | 'REQUEST_MALFORMED' {
  if (code === 'HPE_HEADER_OVERFLOW') return 'HEADERS_TOO_LARGE';
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'REQUEST_TIMEOUT' : 'REQUEST_MALFORMED';
}

function refusalOf(error: PrivetError, request: IncomingMessage | undefined): OwnAnswer {
  return denialAnswer(error, {
    crm: undefined,
    accept: request?.headers.accept ?? '',
    requestId: randomUUID(),
  });
}

function writeRaw(socket: Duplex, refusal: OwnAnswer): void {
  const lines = Object.entries(refusal.headers).map(([name, value]) => `${name}: ${String(value)}`);
  const head = [
    `HTTP/1.1 ${refusal.status} ${http.STATUS_CODES[refusal.status] ?? ''}`,
    ...lines,
    `content-length: ${refusal.body.length}`,
    'connection: close',
  ];
  socket.end(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), refusal.body]), () =>
    socket.destroy(),
  );
}

/** How often connections that have become idle are looked for while draining. */
const DRAIN_INTERVAL_MS = 50;

async function drain(
  server: http.Server,
  turns: Turns,
  close: () => Promise<unknown>,
  timeoutMs: number,
  hurry: AbortSignal | undefined,
): Promise<void> {
  const idle = setInterval(() => {
    server.closeIdleConnections();
    turns.closeUnused();
  }, DRAIN_INTERVAL_MS);
  const cut = (): void => {
    server.closeAllConnections();
    turns.closeUnused();
    turns.closeAccepted();
  };
  const timer = setTimeout(cut, timeoutMs);
  hurry?.addEventListener('abort', cut, { once: true });
  try {
    await close();
  } finally {
    clearInterval(idle);
    clearTimeout(timer);
    hurry?.removeEventListener('abort', cut);
  }
}

/**
 * The way in. Fastify and @fastify/http-proxy are the frame: server, routing, draining. The plugin's documented
 * `preHandler` option takes requests over before the plugin's own forwarding, so that the leg to the CRM can be driven
 * through undici's `dispatch` (see upstream.ts): there a client that leaves before the answer is noticed, back-pressure
 * runs from socket to socket, GET bodies and raw targets survive, TLS is verified, and a small answer leaves with one
 * write. It also saves what the plugin does for a destination (three URLs a request).
 */
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import httpProxy from '@fastify/http-proxy';
import fastify from 'fastify';
import { PrivetError } from '../../errors.ts';
import type { Limits } from '../../limits.ts';
import { drain } from './drain.ts';
import { type Log, refusalOf, refuseMalformed, writeRaw } from './raw-refusal.ts';
import { sendWhole } from './send-whole.ts';
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
  readonly logger: Log;
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
    clientErrorHandler: (error, socket) => refuseMalformed(logger, turns, error, socket),
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
      await drain(listening, turns, { close: () => app.close(), timeoutMs: limits.drainTimeoutMs, hurry });
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
  const server = bareServer(limits, listen.tls);
  server.maxConnections = limits.clientConnectionsMax;
  server.timeout = limits.clientSilenceTimeoutMs;
  server.on('request', (request: IncomingMessage, response: ServerResponse) =>
    turns.take(response, () => route(request, response)),
  );
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    const error = new PrivetError('REQUEST_MALFORMED', 'Only 100-continue can be expected.');
    const refusal = refusalOf(logger, error, request);
    turns.take(response, () => sendWhole(response, refusal.status, refusal.headers, refusal.body));
  });
  const refuseUpgrade = (request: IncomingMessage, socket: Duplex): void => {
    socket.on('error', () => socket.destroy());
    turns.conclude(socket, () =>
      writeRaw(socket, refusalOf(logger, new PrivetError('UPGRADE_REFUSED'), request)),
    );
  };
  server.on(listen.tls === undefined ? 'connection' : 'secureConnection', turns.opened);
  if (listen.tls !== undefined) server.on('connection', turns.accepted);
  server.on('upgrade', refuseUpgrade);
  server.on('connect', refuseUpgrade);
  server.on('drop', () => logger.error('a connection was refused: limits.clientConnectionsMax'));
  return server;
}

function bareServer(limits: Limits, tls: ListenerOptions['listen']['tls']): http.Server {
  const options: http.ServerOptions = {
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
  if (tls === undefined) return http.createServer(options);
  const { cert, key, clientCa } = tls;
  return https.createServer({
    ...options,
    cert,
    key,
    minVersion: 'TLSv1.2',
    handshakeTimeout: limits.headersTimeoutMs,
    ...(clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
  });
}

function answer(
  { handle, logger }: ListenerOptions,
  running: Set<Promise<void>>,
  request: IncomingMessage,
  response: ServerResponse,
  receivedAt: number,
): void {
  const fail = (error: unknown): void => {
    if (response.headersSent || response.destroyed) {
      logger.error({ err: error }, 'a request could not be answered');
      response.destroy();
      return;
    }
    const refusal = refusalOf(logger, new PrivetError('INTERNAL', undefined, { cause: error }), request);
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

import type { Readable } from 'node:stream';
import { type Dispatcher, errors, Pool } from 'undici';
import { unreadableBody } from '../../enforce/record/walk-body.ts';
import { Refusal } from '../../enforce/refusal.ts';
import { PrivetError } from '../../errors.ts';
import type { Limits } from '../../limits.ts';
import { MediaError } from '../../media/rewriter.ts';
import { type Answer, type AnswerSource, createAnswerSource } from './answer.ts';
import type { Headers } from './headers.ts';

export interface UpstreamOptions {
  readonly name: string;
  /** Origin of the CRM, and the path in front of its API where there is one. */
  readonly url: string;
  /** `ca`: PEM text to trust instead of the runtime's roots. */
  readonly tls?: { readonly ca?: string };
  readonly limits: Limits;
}

export interface UpstreamRequest {
  readonly method: string;
  /** Path and query below the upstream's own path. */
  readonly path: string;
  /** `content-length` where a streamed body has a known length. */
  readonly headers: Headers;
  readonly body?: Buffer | Readable | undefined;
}

/** One request on its way. */
export interface UpstreamExchange {
  /** @throws PrivetError UPSTREAM_UNREACHABLE or UPSTREAM_TIMEOUT, with the cause for the log */
  readonly answer: Promise<Answer>;
  /** Whether any of it may have reached the CRM. */
  readonly wasSent: () => boolean;
  /** The client has gone: frees the connection, whether or not the CRM has begun to answer. */
  readonly abort: () => void;
}

/** One CRM behind the proxy. */
export interface Upstream {
  readonly name: string;
  readonly send: (request: UpstreamRequest) => UpstreamExchange;
  /** Requests on the wire, and those waiting for a connection. */
  readonly load: () => { readonly running: number; readonly waiting: number };
  /** Lets running requests end. */
  readonly close: () => Promise<void>;
  /** Cuts running requests off. */
  readonly destroy: () => Promise<void>;
}

/** Safe methods (RFC 9110 section 9.2.1): repeating one changes nothing. */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * A pool of verified keep-alive connections to one CRM, driven through undici's `dispatch`: chunks are pushed from the
 * parser to the client without a stream between, and aborting reaches the socket at any time. HTTP/1.1 only: one HTTP/2
 * session would be one connection to lose.
 */
export function createUpstream(options: UpstreamOptions): Upstream {
  const { limits } = options;
  const url = new URL(options.url);
  const basePath = url.pathname.replace(/\/$/, '');
  const pool = new Pool(url.origin, {
    allowH2: false,
    connections: limits.upstreamConnectionsMax,
    pipelining: 1,
    connect: {
      timeout: limits.upstreamConnectTimeoutMs,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
      ...(options.tls?.ca === undefined ? {} : { ca: options.tls.ca }),
    },
    maxHeaderSize: limits.upstreamHeaderBytesMax,
    headersTimeout: limits.upstreamHeadersTimeoutMs,
    bodyTimeout: limits.upstreamBodyTimeoutMs,
  });
  return {
    name: options.name,
    send: (request) => send(pool, { ...request, path: basePath + request.path }),
    load: () => ({ running: pool.stats.running, waiting: pool.stats.queued }),
    close: () => pool.close(),
    destroy: () => pool.destroy(),
  };
}

function send(pool: Pool, request: UpstreamRequest): UpstreamExchange {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  let controller: Dispatcher.DispatchController | undefined;
  let source: AnswerSource | undefined;
  let isAborted = false;
  let hasBytes = false;
  let attempts = 0;

  const handler: Dispatcher.DispatchHandler = {
    onRequestStart: (started) => {
      controller = started;
      if (isAborted) started.abort(abortReason());
    },
    onResponseStarted: () => {
      hasBytes = true;
    },
    onResponseStart: (started, status, headers) => {
      // 1xx speaks to the connection, not to the client; 101 never comes, because no upgrade is asked for.
      if (status < 200) return;
      source = createAnswerSource(started, abortReason);
      resolve({ status, headers, body: source.body });
    },
    onResponseData: (_, chunk) => source?.data(chunk),
    // Trailers are left out: nothing inspects them.
    onResponseEnd: () => source?.end(),
    onResponseError: (_, cause) => {
      if (source !== undefined) source.error(upstreamError(cause));
      else if (!isAborted && !hasBytes && isStale(cause) && isRepeatable(request) && attempts === 1)
        dispatch();
      else reject(upstreamError(cause));
    },
  };
  const dispatch = (): void => {
    attempts += 1;
    pool.dispatch(
      {
        method: request.method,
        path: request.path,
        headers: request.headers,
        body: request.body ?? null,
      },
      handler,
    );
  };

  try {
    dispatch();
  } catch (cause) {
    reject(upstreamError(cause));
  }
  return {
    answer: promise,
    wasSent: () => controller !== undefined,
    abort: () => {
      if (isAborted) return;
      isAborted = true;
      // Before a connection is found there is nothing to close yet: `onRequestStart` does it.
      if (source !== undefined) source.cut();
      else if (controller !== undefined) controller.abort(abortReason());
      // Whoever aborts may have stopped waiting for an answer.
      promise.catch(() => undefined);
      reject(upstreamError(abortReason()));
    },
  };
}

function abortReason(): Error {
  return new errors.RequestAbortedError('The client has gone.');
}

/**
 * The CRM closed a kept-alive connection while the request was on its way to it (RFC 9110 section 9.2.2, RFC 9112
 * section 9.3.1).
 */
function isStale(cause: unknown): boolean {
  const code = codeOf(cause);
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE';
}

function isRepeatable(request: UpstreamRequest): boolean {
  return SAFE_METHODS.has(request.method) && (request.body === undefined || Buffer.isBuffer(request.body));
}

const TIMEOUTS: ReadonlySet<string | undefined> = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);

/** The cause is for the log: what a certificate or an address says is none of the client's business. */
function upstreamError(cause: unknown): Error {
  // The request body's own reason to break off: it was too large, or not what it said.
  if (cause instanceof PrivetError || cause instanceof Refusal) return cause;
  if (cause instanceof MediaError) return unreadableBody(cause);
  return new PrivetError(
    TIMEOUTS.has(codeOf(cause)) ? 'UPSTREAM_TIMEOUT' : 'UPSTREAM_UNREACHABLE',
    undefined,
    { cause },
  );
}

function codeOf(cause: unknown): string | undefined {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
}

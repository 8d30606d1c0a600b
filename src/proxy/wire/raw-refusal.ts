import { randomUUID } from 'node:crypto';
import http, { type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { PrivetError } from '../../errors.ts';
import { denialAnswer, type OwnAnswer } from './denial.ts';
import type { Turns } from './turns.ts';

export type Log = Pick<Logger, 'info' | 'error'>;

/** Answers bytes that are no request. The connection ends, because nobody knows where the next request begins. */
export function refuseMalformed(
  logger: Log,
  turns: Turns,
  error: NodeJS.ErrnoException,
  socket: Duplex,
): void {
  if (error.code === 'ECONNRESET') socket.destroy();
  else
    turns.conclude(socket, () =>
      writeRaw(socket, refusalOf(logger, new PrivetError(malformedCode(error.code)), undefined)),
    );
}

function malformedCode(
  code: string | undefined,
): 'HEADERS_TOO_LARGE' | 'REQUEST_TIMEOUT' | 'REQUEST_MALFORMED' {
  if (code === 'HPE_HEADER_OVERFLOW') return 'HEADERS_TOO_LARGE';
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'REQUEST_TIMEOUT' : 'REQUEST_MALFORMED';
}

/** An answer to what reaches no CRM and no audit trail; the log has its request id. */
export function refusalOf(logger: Log, error: PrivetError, request: IncomingMessage | undefined): OwnAnswer {
  const requestId = randomUUID();
  const { code, status, cause } = error;
  if (status >= 500) logger.error({ requestId, code, err: cause }, 'failed');
  else logger.info({ requestId, code }, 'refused');
  return denialAnswer(error, { crm: undefined, accept: request?.headers.accept ?? '', requestId });
}

/** How long a connection that ends with a refusal stays open for the client to read it. */
const LINGER_MS = 2_000;

/**
 * Ends a connection in stages (RFC 9112 section 9.6): one that is closed while the client sends is reset, and the
 * refusal is lost.
 */
export function writeRaw(socket: Duplex, refusal: OwnAnswer): void {
  const lines = Object.entries(refusal.headers).map(([name, value]) => `${name}: ${String(value)}`);
  const head = [
    `HTTP/1.1 ${refusal.status} ${http.STATUS_CODES[refusal.status] ?? ''}`,
    ...lines,
    `content-length: ${refusal.body.length}`,
    'connection: close',
  ];
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer)).resume();
  socket.end(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), refusal.body]));
}

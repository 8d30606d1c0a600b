import type { ServerResponse } from 'node:http';
import type { Headers } from './headers.ts';

/** Sends an answer whose whole body is there, with one write. */
export function sendWhole(response: ServerResponse, status: number, headers: Headers, body?: Buffer): void {
  if (isBodyless(response, status)) {
    // RFC 9110 section 8.6; and a client waits for the bytes that a 205 announces (RFC 9112 section 6.3).
    if (status === 204) delete headers['content-length'];
    else if (status === 205) headers['content-length'] = '0';
    response.writeHead(status, headers).end();
    return;
  }
  const bytes = body ?? Buffer.alloc(0);
  headers['content-length'] = String(bytes.length);
  endAnswer(response.writeHead(status, headers), bytes);
}

/**
 * Ends an answer. If the request is still arriving, the rest of it is read and thrown away: a connection that is closed
 * while the client sends is reset, and what the client has not read of the answer is lost (RFC 9112 section 9.6).
 */
export function endAnswer(response: ServerResponse, last: Buffer): void {
  const { req } = response;
  if (req.complete || req.destroyed) {
    response.end(last);
    return;
  }
  req.unpipe().resume();
  if (response.shouldKeepAlive) {
    response.end(last);
    return;
  }
  // Ending the answer would close the connection.
  response.flushHeaders();
  response.write(last);
  const end = (): void => void response.end();
  req.once('end', end).once('close', end);
}

/** True when an answer has no body whatever its headers say: RFC 9110 sections 9.3.2 and 15. */
export function isBodyless(response: ServerResponse, status: number): boolean {
  return response.req.method === 'HEAD' || status === 204 || status === 205 || status === 304;
}

/** The CRM of the bench: gives the body that a query asks for, ready-made. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import {
  LARGE,
  PAGE,
  PAGE_ANEW,
  SMALL,
  SMALL_ANEW,
  STREAM,
  STREAM_BYTES,
  stampingOf,
  writeBody,
  writeChunks,
} from './bodies.ts';
import { serveUsage } from './worker.ts';

/** Bodies by the query's LIMIT: proxies may spell the rest of the target in their own way. */
const BODIES = new Map(
  [SMALL, SMALL_ANEW, PAGE, PAGE_ANEW, LARGE].map((page) => {
    const body = writeBody(page);
    return [String(page.records), page.isAnew ? stampingOf(body) : () => body];
  }),
);
const TYPE = 'application/json;charset=UTF-8';

const server = http.createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
  const limit = /LIMIT(?:%20|\+)(\d+)/.exec(request.url ?? '')?.[1] ?? '';
  const body = BODIES.get(limit)?.();
  if (body !== undefined) {
    response.writeHead(200, { 'content-type': TYPE, 'content-length': body.length }).end(body);
  } else if (limit === String(STREAM.records)) {
    response.writeHead(200, { 'content-type': TYPE });
    Readable.from(writeChunks(STREAM_BYTES)).pipe(response);
  } else {
    response.writeHead(404).end();
  }
});
server.listen(0, '127.0.0.1', () => serveUsage((server.address() as AddressInfo).port));

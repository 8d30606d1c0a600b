import { type IncomingHttpHeaders, request } from 'node:http';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';

export interface WireRequest {
  readonly method?: string;
  /** Sent as it is: no client normalises it. */
  readonly path: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Address on the loopback that the client calls from. */
  readonly from?: string;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** As received: a content coding is still on. */
  readonly coded: Buffer;
  readonly body: Buffer;
  readonly text: string;
}

/** One request on a connection of its own, with nothing added but Host and the length of a body. */
export function send(origin: string, asked: WireRequest): Promise<WireAnswer> {
  const { host, pathname } = new URL(origin);
  const prefix = pathname.replace(/\/$/, '');
  const headers = {
    host,
    ...(asked.token === undefined ? {} : { authorization: `Bearer ${asked.token}` }),
    ...(asked.body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(asked.body)) }),
    ...asked.headers,
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(
      origin,
      {
        method: asked.method ?? 'GET',
        path: prefix + asked.path,
        headers,
        agent: false,
        ...(asked.from === undefined ? {} : { localAddress: asked.from }),
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const coded = Buffer.concat(chunks);
          const body = decoded(coded, incoming.headers['content-encoding']);
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            coded,
            body,
            text: body.toString(),
          });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(asked.body);
  });
}

function decoded(body: Buffer, coding: string | undefined): Buffer {
  if (body.length === 0) return body;
  switch (coding) {
    case 'gzip':
      return gunzipSync(body);
    case 'br':
      return brotliDecompressSync(body);
    case 'deflate':
      return inflateSync(body);
    default:
      return body;
  }
}

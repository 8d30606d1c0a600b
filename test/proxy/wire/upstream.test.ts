import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { PrivetError } from '../../../src/errors.ts';
import { DEFAULT_LIMITS, type Limits } from '../../../src/limits.ts';
import { type AnswerBody, collectBody } from '../../../src/proxy/wire/answer.ts';
import { createUpstream, type Upstream, type UpstreamRequest } from '../../../src/proxy/wire/upstream.ts';
import { selfSigned } from '../certificate.ts';
import { closeAll, startCrm } from '../loopback.ts';

const open: Upstream[] = [];

function upstreamOf(url: string, limits: Partial<Limits> = {}, ca?: string): Upstream {
  const upstream = createUpstream({
    name: 'crm',
    url,
    tls: ca === undefined ? {} : { ca },
    limits: { ...DEFAULT_LIMITS, ...limits },
  });
  open.push(upstream);
  return upstream;
}

afterEach(async () => {
  for (const upstream of open.splice(0)) await upstream.destroy();
  await closeAll();
});

function get(path = '/'): UpstreamRequest {
  return { method: 'GET', path, headers: {} };
}

async function collect(body: AnswerBody): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  body.start({
    data: (chunk) => chunks.push(chunk),
    end: () => resolve(Buffer.concat(chunks)),
    error: reject,
  });
  return promise;
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return error instanceof PrivetError ? error.code : String(error);
  }
  return 'no error';
}

/** A CRM made of bytes. */
async function startRaw(
  onRequest: (socket: net.Socket, count: number) => void,
): Promise<{ url: string; requests: () => number }> {
  let requests = 0;
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => {
      requests += 1;
      onRequest(socket, requests);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests: () => requests };
}

function chunks(): Readable {
  return Readable.from([Buffer.alloc(70_000), Buffer.alloc(30_000)], { objectMode: false });
}

describe('an upstream', () => {
  it('gives status, headers and a small body that is already whole', async () => {
    const crm = await startCrm((_, response) => {
      response
        .writeHead(
          201,
          [
            ['Set-Cookie', 'a=1'],
            ['Set-Cookie', 'b=2'],
            ['X-One', 'café'],
          ].flat(),
        )
        .end('{"id":1}');
    });
    const answer = await upstreamOf(crm.url).send({ ...get(), method: 'POST', body: Buffer.from('x') })
      .answer;
    expect(answer.status).toBe(201);
    expect(answer.headers).toMatchObject({ 'set-cookie': ['a=1', 'b=2'], 'x-one': 'café' });
    expect(Buffer.concat(answer.body.complete() ?? []).toString()).toBe('{"id":1}');
  });

  it('puts the path of its url in front', async () => {
    const crm = await startCrm((request, response) => response.end(request.url));
    const answer = await upstreamOf(`${crm.url}/espo/`).send(get('/api/v1/Contact?a=1')).answer;
    expect((await collect(answer.body)).toString()).toBe('/espo/api/v1/Contact?a=1');
  });

  it('streams request bodies on, with a length or chunked', async () => {
    const crm = await startCrm((request, response) => {
      let bytes = 0;
      request.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      request.on('end', () =>
        response.end(`${bytes} ${request.headers['content-length'] ?? request.headers['transfer-encoding']}`),
      );
    });
    const upstream = upstreamOf(crm.url);
    const sized = await upstream.send({
      method: 'PUT',
      path: '/',
      headers: { 'content-length': '100000' },
      body: chunks(),
    }).answer;
    const chunked = await upstream.send({ method: 'PUT', path: '/', headers: {}, body: chunks() }).answer;
    expect((await collect(sized.body)).toString()).toBe('100000 100000');
    expect((await collect(chunked.body)).toString()).toBe('100000 chunked');
  });

  it.each([
    ['HEAD', 200, { 'content-length': '10' }],
    ['GET', 204, {}],
    ['GET', 304, { 'content-length': '10', etag: '"1"' }],
  ])('%s %i has no body whatever its content-length', async (method, status, headers) => {
    const crm = await startCrm((_, response) => response.writeHead(status, headers).end());
    const answer = await upstreamOf(crm.url).send({ ...get(), method }).answer;
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject(headers);
    expect(await collect(answer.body)).toHaveLength(0);
  });

  it('passes over 1xx and trailers', async () => {
    const crm = await startRaw((socket) =>
      socket.write(
        'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n2\r\nhi\r\n0\r\nX-T: 1\r\n\r\n',
      ),
    );
    const answer = await upstreamOf(crm.url).send(get()).answer;
    expect(answer.status).toBe(200);
    expect((await collect(answer.body)).toString()).toBe('hi');
  });

  it('is unreachable where nobody listens', async () => {
    const closed = net.createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    await once(closed, 'close');
    expect(await codeOf(upstreamOf(`http://127.0.0.1:${port}`).send(get()).answer)).toBe(
      'UPSTREAM_UNREACHABLE',
    );
  });

  it('times out while the CRM keeps silent before its headers', async () => {
    const crm = await startRaw(() => undefined);
    const upstream = upstreamOf(crm.url, { upstreamHeadersTimeoutMs: 100 });
    expect(await codeOf(upstream.send(get()).answer)).toBe('UPSTREAM_TIMEOUT');
    expect(crm.requests()).toBe(1);
  });

  it('times out while the CRM keeps silent within its body', async () => {
    const crm = await startRaw((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab'));
    const answer = await upstreamOf(crm.url, { upstreamBodyTimeoutMs: 100 }).send(get()).answer;
    expect(await codeOf(collect(answer.body))).toBe('UPSTREAM_TIMEOUT');
  });

  it.each([
    ['a body shorter than announced', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab'],
    ['a chunked body without its end', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n'],
  ])('reports %s', async (_, bytes) => {
    const crm = await startRaw((socket) => socket.end(bytes));
    const answer = await upstreamOf(crm.url).send(get()).answer;
    expect(await codeOf(collect(answer.body))).toBe('UPSTREAM_UNREACHABLE');
  });

  it.each([
    ['no HTTP', 'hello\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    [
      'an upgrade nobody asked for',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
    ],
    ['headers over the limit', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`],
  ])('is unreachable when the CRM answers %s', async (_, bytes) => {
    const crm = await startRaw((socket) => socket.write(bytes));
    expect(await codeOf(upstreamOf(crm.url).send({ ...get(), method: 'POST' }).answer)).toBe(
      'UPSTREAM_UNREACHABLE',
    );
  });

  it.each([
    ['GET', 2],
    ['POST', 1],
    ['DELETE', 1],
  ])('sends %s at most %i times when the connection closes before a byte came', async (method, times) => {
    const crm = await startRaw((socket) => socket.end());
    expect(await codeOf(upstreamOf(crm.url).send({ ...get(), method }).answer)).toBe('UPSTREAM_UNREACHABLE');
    expect(crm.requests()).toBe(times);
  });

  it('repeats a GET that met a connection the CRM had just closed', async () => {
    const crm = await startRaw((socket, count) => {
      if (count === 2) socket.destroy();
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
    const upstream = upstreamOf(crm.url);
    await collect((await upstream.send(get()).answer).body);
    await wait(10);
    expect((await upstream.send(get()).answer).status).toBe(200);
    expect(crm.requests()).toBe(3);
  });

  it('closes the connection when the client leaves before the answer', async () => {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const crm = await startCrm((_, response) => response.on('close', resolve));
    const exchange = upstreamOf(crm.url).send(get());
    await once(crm.server, 'request');
    exchange.abort();
    expect(await codeOf(exchange.answer)).toBe('UPSTREAM_UNREACHABLE');
    await closed;
  });

  it('never sends a request whose client left while it waited for a connection', async () => {
    const seen: (string | undefined)[] = [];
    const crm = await startCrm((request, response) => {
      seen.push(request.url);
      setTimeout(() => response.end(), 50);
    });
    const upstream = upstreamOf(crm.url, { upstreamConnectionsMax: 1 });
    const first = upstream.send(get('/1'));
    const second = upstream.send(get('/2'));
    second.abort();
    expect(await codeOf(second.answer)).toBe('UPSTREAM_UNREACHABLE');
    await first.answer;
    await upstream.send(get('/3')).answer;
    expect(seen).toEqual(['/1', '/3']);
  });

  it('tells whoever collects a body when its exchange is aborted', async () => {
    const crm = await startCrm((_, response) => void response.write('begin'));
    const exchange = upstreamOf(crm.url).send(get());
    const { body } = await exchange.answer;
    const collected = codeOf(collectBody(body, 100));
    exchange.abort();
    expect(await collected).toBe('UPSTREAM_UNREACHABLE');
  });

  it('closes the connection when the body is aborted, and says nothing more', async () => {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const crm = await startCrm((_, response) => {
      response.on('close', resolve);
      response.write('begin');
    });
    const { body } = await upstreamOf(crm.url).send(get()).answer;
    const heard: string[] = [];
    body.start({
      data: () => heard.push('data'),
      end: () => heard.push('end'),
      error: () => heard.push('error'),
    });
    body.abort();
    await closed;
    await wait(10);
    expect(heard).toEqual(['data']);
  });

  it('holds a bounded part of a body nobody takes, and all of it arrives in the end', async () => {
    const size = 50_000_000;
    let written = 0;
    const crm = await startCrm((_, response) => {
      const chunk = Buffer.alloc(100_000, 'x');
      const write = () => {
        while (written < size) {
          written += chunk.length;
          if (!response.write(chunk)) {
            response.once('drain', write);
            return;
          }
        }
        response.end();
      };
      write();
    });
    const { body } = await upstreamOf(crm.url).send(get()).answer;
    await wait(200);
    expect(written).toBeLessThan(20_000_000);
    expect(body.complete()).toBeUndefined();
    expect(await collect(body)).toHaveLength(size);
  });
});

describe('the upstream’s TLS', () => {
  const { key, cert } = selfSigned();

  it('is verified by default, and the certificate’s trouble stays in the cause', async () => {
    const crm = await startCrm((_, response) => response.end('secret'), { key, cert });
    const error = await upstreamOf(crm.url)
      .send(get())
      .answer.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(PrivetError);
    expect((error as PrivetError).message).toBe('The CRM cannot be reached.');
    expect(String((error as PrivetError).cause)).toMatch(/self-signed/);
  });

  it('trusts the configured authority', async () => {
    const crm = await startCrm((_, response) => response.end('hello'), { key, cert });
    const answer = await upstreamOf(crm.url, {}, cert).send(get()).answer;
    expect((await collect(answer.body)).toString()).toBe('hello');
  });

  it('refuses a certificate of another host', async () => {
    const crm = await startCrm((_, response) => response.end('hello'), { key, cert });
    const url = crm.url.replace('127.0.0.1', 'localhost');
    expect(await codeOf(upstreamOf(url, {}, cert).send(get()).answer)).toBe('UPSTREAM_UNREACHABLE');
  });
});

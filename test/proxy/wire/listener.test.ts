import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import { createListener } from '../../../src/proxy/wire/listener.ts';
import { ask, closeAll, exchangeRaw, startCrm, startEcho, startProxy } from '../loopback.ts';

afterEach(closeAll);

/** What waits for this fails its test. */
const NEVER_MS = 600_000;

describe('the listener', () => {
  it('hands on target, method and body untouched by any parser', async () => {
    const crm = await startEcho();
    const proxy = await startProxy(crm.url);
    await ask(`${proxy.url}/a?q=1`, {
      method: 'POST',
      body: '{"a":1,"a":2}',
      headers: { 'content-type': 'not a media type' },
    });
    await ask(`${proxy.url}/..foo`, {});
    await ask(`${proxy.url}/a`, { method: 'PROPFIND' });
    await ask(`${proxy.url}/search`, { method: 'GET', body: '{"q":1}', headers: { 'content-length': 7 } });
    expect(crm.seen).toEqual([
      'POST /a?q=1 {"a":1,"a":2}',
      'GET /..foo ',
      'PROPFIND /a ',
      'GET /search {"q":1}',
    ]);
  });

  it.each([
    ['no request at all', 'hello\r\n\r\n', 400],
    [
      'content-length and transfer-encoding',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n',
      400,
    ],
    [
      'transfer-encoding that does not end in chunked',
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n',
      400,
    ],
    [
      'a transfer coding below chunked',
      'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: gzip, chunked\r\n\r\n1\r\na\r\n0\r\n\r\n',
      400,
    ],
    [
      'transfer-encoding in HTTP/1.0, which has none',
      'POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n',
      400,
    ],
    [
      'two transfer-encodings',
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['an obsolete text in the target', 'GET /a\u00e9 HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    [
      'transfer-encoding with a blank before the colon',
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    [
      'two content-lengths',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
      400,
    ],
    ['content-length with a sign', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\na', 400],
    ['a folded header', 'GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n', 400],
    ['bare line feeds', 'GET / HTTP/1.1\nHost: a\n\n', 400],
    ['a NUL in a header', 'GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n', 400],
    [
      'a chunk size that is no number',
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      400,
    ],
    ['no Host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    ['two Hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n', 400],
    ['a Host that is none', 'GET / HTTP/1.1\r\nHost: a/b\r\nConnection: close\r\n\r\n', 400],
    [
      'two Authorizations',
      'GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a\r\nauthorization: Bearer b\r\nConnection: close\r\n\r\n',
      400,
    ],
    ['absolute form', 'GET http://evil.example/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 400],
    ['asterisk form', 'OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 400],
    ['a blank in the target', 'GET /a b HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['oversized headers', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`, 431],
    ['CONNECT', 'CONNECT crm.example:443 HTTP/1.1\r\nHost: crm.example:443\r\n\r\n', 403],
    ['TRACE', 'TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 403],
    [
      'a WebSocket upgrade',
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n',
      403,
    ],
    [
      'an unknown expectation',
      'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: miracles\r\nContent-Length: 1\r\n\r\na',
      400,
    ],
  ])('refuses %s with a request id and forwards nothing', async (_, bytes, status) => {
    const crm = await startEcho();
    const proxy = await startProxy(crm.url);
    const reply = await exchangeRaw(proxy.port, bytes);
    expect(reply).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(reply.match(/^HTTP\/1.1 /gm)).toHaveLength(1);
    expect(reply).toMatch(/x-privet-request-id: \S+/);
    expect(crm.seen).toEqual([]);
  });

  it('passes over an offer of h2c', async () => {
    const crm = await startEcho();
    const proxy = await startProxy(crm.url);
    const reply = await exchangeRaw(
      proxy.port,
      'GET /a HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n',
    );
    expect(reply).toMatch(/^HTTP\/1.1 200 /);
    expect(reply).not.toContain('h2c');
  });

  it('closes a connection whose headers come too slowly', async () => {
    const crm = await startEcho();
    const proxy = await startProxy(crm.url, { limits: { headersTimeoutMs: 300 } });
    const socket = net.connect(proxy.port, '127.0.0.1');
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString();
    });
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n');
    const drip = setInterval(() => socket.write('X: 1\r\n'), 50).unref();
    socket.on('error', () => undefined);
    await once(socket, 'close');
    clearInterval(drip);
    expect(received).toMatch(/^HTTP\/1.1 408 /);
  });

  it('closes a connection on which nothing moves', async () => {
    const crm = await startCrm(() => undefined);
    const proxy = await startProxy(crm.url, { limits: { clientSilenceTimeoutMs: 200 } });
    await expect(ask(`${proxy.url}/`)).rejects.toThrow('socket hang up');
  });

  it('answers requests sent ahead one after the other and in order', async () => {
    const order: string[] = [];
    const crm = await startCrm(async (request, response) => {
      order.push(`begin ${request.url}`);
      await wait(request.url === '/1' ? 100 : 1);
      order.push(`end ${request.url}`);
      response.end(request.url);
    });
    const proxy = await startProxy(crm.url);
    const get = (path: string, headers = '') => `GET ${path} HTTP/1.1\r\nHost: a\r\n${headers}\r\n`;
    const reply = await exchangeRaw(proxy.port, get('/1') + get('/2') + get('/3', 'Connection: close\r\n'));
    expect(order).toEqual(['begin /1', 'end /1', 'begin /2', 'end /2', 'begin /3', 'end /3']);
    expect(reply.match(/^\/\d/gm)).toEqual(['/1', '/2', '/3']);
  });

  it('closes a connection that sends too many requests ahead', async () => {
    const crm = await startCrm(() => undefined);
    const proxy = await startProxy(crm.url, { limits: { pipelinedRequestsMax: 4 } });
    expect(await exchangeRaw(proxy.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(10))).toBe('');
  });

  it.each([
    ['bytes that are no request', 'nonsense\r\n\r\n', 400],
    ['an upgrade', 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n', 403],
    ['half a request', 'GET / HT', 408],
  ])('refuses %s behind a request when that is answered, and not in its place', async (_, bytes, status) => {
    const crm = await startCrm(async (_, response) => {
      response.write('half');
      await wait(1_000);
      response.end(' and half');
    });
    const proxy = await startProxy(crm.url, { limits: { headersTimeoutMs: 300 } });
    const post = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na';
    const reply = await exchangeRaw(proxy.port, post + bytes);
    expect(reply.match(/^HTTP\/1.1 \d+/gm)).toEqual(['HTTP/1.1 200', `HTTP/1.1 ${status}`]);
    expect(reply).toMatch(/half[\s\S]* and half\r\n0\r\n\r\nHTTP/);
    expect(proxy.sent).toEqual([{ outcome: 'complete', bytes: 13 }]);
  });

  it('runs no request behind what it will refuse', async () => {
    const crm = await startCrm(async (request, response) => {
      await wait(request.url === '/1' ? 1_000 : 1);
      response.end(request.url);
    });
    const proxy = await startProxy(crm.url, { limits: { headersTimeoutMs: 300 } });
    const socket = net.connect(proxy.port, '127.0.0.1');
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString();
    });
    socket.write('GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\n');
    await wait(600);
    socket.write('Host: a\r\n\r\n');
    await once(socket, 'close');
    expect(received.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 408']);
  });

  it('never writes a refusal into an answer to the broken request itself', async () => {
    const crm = await startCrm((_, response) => response.write('half'));
    const proxy = await startProxy(crm.url);
    const socket = net.connect(proxy.port, '127.0.0.1');
    let received = '';
    socket
      .on('error', () => undefined)
      .on('data', (chunk) => {
        received += chunk.toString();
        if (received.includes('half')) socket.write('no chunk\r\n');
      });
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n');
    await once(socket, 'close');
    expect(received.match(/HTTP\/1.1/g)).toHaveLength(1);
    expect(received).not.toContain('0\r\n\r\n');
  });

  it('says no second word to a client that was answered and never ends its request', async () => {
    const crm = await startCrm((_, response) => response.writeHead(403).end('no'));
    const proxy = await startProxy(crm.url, { limits: { headersTimeoutMs: 300, requestTimeoutMs: 600 } });
    const socket = net.connect(proxy.port, '127.0.0.1');
    let received = '';
    socket
      .on('error', () => undefined)
      .on('data', (chunk) => {
        received += chunk.toString();
      });
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf');
    await once(socket, 'close');
    expect(received.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 403']);
  });

  it('is heard when it refuses headers that are still arriving', async () => {
    const crm = await startEcho();
    const proxy = await startProxy(crm.url);
    const head = `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(8_000_000)}\r\n\r\n`;
    expect(await exchangeRaw(proxy.port, head)).toMatch(/^HTTP\/1.1 431 [\s\S]*HEADERS_TOO_LARGE/);
  });

  it('limits connections', async () => {
    const crm = await startEcho();
    const proxy = await startProxy(crm.url, { limits: { clientConnectionsMax: 1 } });
    const first = net.connect(proxy.port, '127.0.0.1');
    await once(first, 'connect');
    await expect(ask(`${proxy.url}/`)).rejects.toThrow();
    first.destroy();
  });

  it('lets a running request end when it closes, and takes no more', async () => {
    const asked = Promise.withResolvers<void>();
    const refused = Promise.withResolvers<void>();
    const crm = await startCrm(async (_, response) => {
      asked.resolve();
      await refused.promise;
      response.end('done');
    });
    const proxy = await startProxy(crm.url, { limits: { drainTimeoutMs: NEVER_MS } });
    const idle = net.connect(proxy.port, '127.0.0.1');
    await once(idle, 'connect');
    const reply = ask(`${proxy.url}/`, { headers: { connection: 'keep-alive' } });
    await asked.promise;
    const closed = proxy.close();
    await expect.poll(() => ask(`${proxy.url}/`).catch(String)).toContain('ECONNREFUSED');
    refused.resolve();
    expect((await reply).body.toString()).toBe('done');
    await closed;
    idle.destroy();
  });

  it('cuts a request off that outlasts the drain', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    const crm = await startCrm(() => resolve());
    const proxy = await startProxy(crm.url, { limits: { drainTimeoutMs: 100 } });
    const reply = ask(`${proxy.url}/`).catch((error: Error) => error.message);
    await asked;
    await proxy.close();
    expect(await reply).toBe('socket hang up');
  });
});

describe('a handler that fails', () => {
  it.each([
    [
      'throws',
      () => {
        throw new Error('secret');
      },
    ],
    [
      'rejects',
      async () => {
        throw new Error('secret');
      },
    ],
  ])('and %s is a 500 without a word of why, which the log has', async (_, handle) => {
    const logged: unknown[] = [];
    const listener = await createListener({
      listen: { host: '127.0.0.1', port: 0 },
      limits: DEFAULT_LIMITS,
      logger: { info: () => undefined, error: (what: unknown) => logged.push(what) },
      handle,
    });
    const { port } = await listener.listen();
    const reply = await ask(`http://127.0.0.1:${port}/`);
    await listener.close();
    expect(reply.status).toBe(500);
    expect(reply.headers['x-privet-request-id']).toBeDefined();
    expect(reply.body.toString()).not.toContain('secret');
    expect(logged).toEqual([
      { requestId: reply.headers['x-privet-request-id'], code: 'INTERNAL', err: new Error('secret') },
    ]);
  });
});

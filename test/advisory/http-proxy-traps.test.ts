/** What @fastify/http-proxy 11.6 with @fastify/reply-from 12.6 gets wrong on its own, one test each. */
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { requestHeaders } from '../../src/proxy/wire/request-headers.ts';
import { createUpstream } from '../../src/proxy/wire/upstream.ts';
import { selfSigned } from '../proxy/certificate.ts';
import { ask, closeAll, exchangeRaw, startCrm, startProxy } from '../proxy/loopback.ts';

afterEach(closeAll);

const twice = { push: (chunk: Buffer) => Buffer.concat([chunk, chunk]), end: () => Buffer.alloc(0) };

it('trap 1: the CRM’s certificate is verified', async () => {
  const crm = await startCrm((_, response) => response.end('secret'), selfSigned());
  const proxy = await startProxy(crm.url);
  const reply = await ask(`${proxy.url}/`);
  expect(reply.status).toBe(502);
  expect(reply.body.toString()).not.toContain('secret');
});

it.each([{}, { 'retry-after': '1' }])('trap 2: a GET answered 503 with %j is sent once', async (headers) => {
  let requests = 0;
  const crm = await startCrm((_, response) => {
    requests += 1;
    response.writeHead(503, headers).end();
  });
  const proxy = await startProxy(crm.url);
  expect((await ask(`${proxy.url}/`)).status).toBe(503);
  await wait(50);
  expect(requests).toBe(1);
});

it.each([
  { expect: '100-continue' },
  { 'keep-alive': 'timeout=5' },
  { te: 'trailers' },
  { 'proxy-connection': 'keep-alive' },
])('trap 3: a request with %j arrives', async (headers) => {
  const crm = await startCrm((request, response) => {
    response.end(JSON.stringify(request.headers));
  });
  const proxy = await startProxy(crm.url);
  const reply = await ask(`${proxy.url}/`, {
    method: 'POST',
    headers: { ...headers, 'content-length': 1 },
    body: 'x',
  });
  expect(reply.status).toBe(200);
  for (const name of Object.keys(headers)) expect(JSON.parse(reply.body.toString())).not.toHaveProperty(name);
});

it('trap 4: a client that leaves before the answer is noticed by the CRM', async () => {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const crm = await startCrm((_, response) => response.on('close', resolve));
  const proxy = await startProxy(crm.url);
  const request = http.get(proxy.url, { agent: false }).on('error', () => undefined);
  await once(crm.server, 'request');
  request.destroy();
  await closed;
});

it('trap 5: a text/plain body of 3 MB arrives byte for byte', async () => {
  const body = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => index % 256));
  const received: Buffer[] = [];
  const crm = await startCrm((request, response) => {
    request.on('data', (chunk: Buffer) => received.push(chunk)).on('end', () => response.end());
  });
  const proxy = await startProxy(crm.url);
  await ask(`${proxy.url}/`, { method: 'POST', headers: { 'content-type': 'text/plain' }, body });
  expect(Buffer.concat(received).equals(body)).toBe(true);
});

it('trap 6: what was true of the CRM’s bytes does not stand over changed ones', async () => {
  const crm = await startCrm((_, response) => {
    response
      .writeHead(200, {
        'content-length': 3,
        etag: '"1"',
        digest: 'sha-256=x',
        'content-md5': 'x',
        'accept-ranges': 'bytes',
      })
      .end('abc');
  });
  const proxy = await startProxy(crm.url, { passage: () => ({ filter: twice }) });
  const { headers, body } = await ask(`${proxy.url}/`);
  expect(body.toString()).toBe('abcabc');
  expect(headers).toMatchObject({ 'content-length': '6', etag: '"1--privet-v1"' });
  for (const name of ['digest', 'content-md5', 'accept-ranges']) expect(headers).not.toHaveProperty(name);
});

it('trap 7: an answer that the CRM cuts off is cut off for the client', async () => {
  const crm = await startCrm(async (_, response) => {
    response.write('half');
    await wait(20);
    response.destroy();
  });
  const proxy = await startProxy(crm.url);
  await expect(ask(`${proxy.url}/`)).rejects.toThrow('aborted');
});

it('trap 8: a changed request body has its own length', async () => {
  const crm = await startCrm((request, response) => response.end(request.headers['content-length']));
  const upstream = createUpstream({ name: 'crm', url: crm.url, limits: DEFAULT_LIMITS });
  const headers = requestHeaders(
    { 'content-length': '100', 'transfer-encoding': 'chunked' },
    {
      drop: new Set(),
      client: { address: '127.0.0.1', host: 'a', scheme: 'http' },
      rewritesAnswer: true,
      viewId: undefined,
      isUnconditional: false,
    },
  );
  const { answer } = upstream.send({ method: 'POST', path: '/', headers, body: Buffer.from('abc') });
  expect(Buffer.concat((await answer).body.complete() ?? []).toString()).toBe('3');
  await upstream.destroy();
});

it('trap 9: hop-by-hop headers of the CRM stay with it', async () => {
  const crm = net.createServer((socket) => {
    socket.once('data', () =>
      socket.end(
        'HTTP/1.1 200 OK\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nProxy-Authenticate: Basic\r\nTrailer: X-T\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-T: 1\r\n\r\n',
      ),
    );
  });
  crm.listen(0, '127.0.0.1').unref();
  await once(crm, 'listening');
  const proxy = await startProxy(`http://127.0.0.1:${(crm.address() as net.AddressInfo).port}`);
  const raw = await exchangeRaw(proxy.port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  expect(raw).toMatch(/^HTTP\/1.1 200 /);
  expect(raw).not.toMatch(/x-hop|timeout=5\r\nproxy|proxy-authenticate|trailer|x-t:/i);
});

it.each([
  ['GET', '/search', '{"q":1}'],
  ['REPORT', '/x', ''],
  ['GET', '/..foo', ''],
])('trap 9: %s %s with body %j arrives', async (method, path, body) => {
  const crm = await startCrm((request, response) => {
    const chunks: Buffer[] = [];
    request
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => response.end(`${request.method} ${request.url} ${Buffer.concat(chunks).toString()}`));
  });
  const proxy = await startProxy(crm.url);
  const headers = body === '' ? {} : { 'content-length': body.length };
  expect((await ask(proxy.url + path, { method, body, headers })).body.toString()).toBe(
    `${method} ${path} ${body}`,
  );
});

it('trap 10: a WebSocket is refused before the CRM hears of it', async () => {
  let heard = 0;
  const crm = await startCrm(() => {
    heard += 1;
  });
  crm.server.on('upgrade', () => {
    heard += 1;
  });
  const proxy = await startProxy(crm.url);
  const raw = await exchangeRaw(
    proxy.port,
    'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==\r\n\r\n',
  );
  expect(raw).toMatch(/^HTTP\/1.1 403 /);
  expect(heard).toBe(0);
});

it('trap 11: the client reads nothing of the certificate’s trouble', async () => {
  const crm = await startCrm((_, response) => response.end(), selfSigned());
  const proxy = await startProxy(crm.url);
  const reply = await ask(`${proxy.url}/`);
  expect(reply.status).toBe(502);
  expect(JSON.parse(reply.body.toString()).error.message).toBe('The CRM cannot be reached.');
});

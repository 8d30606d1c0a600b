import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { createGunzip, createGzip, gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import type { AnswerBody } from '../../../src/proxy/wire/answer.ts';
import type { BodyFilter } from '../../../src/proxy/wire/body-filter.ts';
import { onClientGone, streamAnswer } from '../../../src/proxy/wire/send.ts';
import type { Sent } from '../../../src/proxy/wire/sending.ts';
import { ask, closeAll, exchangeRaw, startCrm, startProxy } from '../loopback.ts';

afterEach(closeAll);

/** Makes a body twice as long, byte by byte. */
function doubling(): BodyFilter {
  return {
    push: (chunk) => Buffer.from([...chunk].flatMap((byte) => [byte, byte])),
    end: () => Buffer.from('.'),
  };
}

function failingAfter(pushes: number): BodyFilter {
  let left = pushes;
  return {
    push: (chunk) => {
      left -= 1;
      if (left < 0) throw new Error('unreadable');
      return chunk;
    },
    end: () => {
      throw new Error('incomplete');
    },
  };
}

describe('sending an answer', () => {
  it('gives a small answer a length, whatever its filter made of it', async () => {
    const crm = await startCrm((_, response) => response.end('abc'));
    const proxy = await startProxy(crm.url, { passage: () => ({ filter: doubling() }) });
    const reply = await ask(`${proxy.url}/`);
    expect(reply.body.toString()).toBe('aabbcc.');
    expect(reply.headers['content-length']).toBe('7');
    expect(proxy.sent).toEqual([{ outcome: 'complete', bytes: 7 }]);
  });

  it('hands a body on byte for byte without a filter', async () => {
    const body = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
    const crm = await startCrm((_, response) => response.end(body));
    const proxy = await startProxy(crm.url);
    const reply = await ask(`${proxy.url}/`);
    expect(reply.body.equals(body)).toBe(true);
    expect(proxy.sent).toEqual([{ outcome: 'complete', bytes: body.length }]);
  });

  it('streams what comes in parts', async () => {
    const crm = await startCrm(async (_, response) => {
      // Apart, so that they do not arrive as one.
      for (const part of ['a', 'b', 'c']) {
        response.write(part);
        await wait(10);
      }
      response.end();
    });
    const proxy = await startProxy(crm.url, { passage: () => ({ filter: doubling() }) });
    const reply = await ask(`${proxy.url}/`);
    expect(reply.body.toString()).toBe('aabbcc.');
    expect(reply.headers['transfer-encoding']).toBe('chunked');
  });

  it('filters between codings', async () => {
    const crm = await startCrm((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('abc'.repeat(100_000)));
    });
    const proxy = await startProxy(crm.url, {
      passage: () => ({ decode: createGunzip(), filter: doubling(), encode: createGzip() }),
    });
    const reply = await ask(`${proxy.url}/`, { headers: { 'accept-encoding': 'gzip' } });
    expect(gunzipSync(reply.body).toString()).toBe(`${'aabbcc'.repeat(100_000)}.`);
    expect(proxy.sent).toMatchObject([{ outcome: 'complete', bytes: reply.body.length }]);
  });

  it('leaves the client its status and headers when nothing could be rewritten', async () => {
    const crm = await startCrm((_, response) => response.end('abc'));
    const proxy = await startProxy(crm.url, { passage: () => ({ filter: failingAfter(0) }) });
    const reply = await ask(`${proxy.url}/`);
    expect(reply.status).toBe(502);
    expect(reply.body.toString()).not.toContain('abc');
  });

  it('answers afresh when a coding is broken at its start', async () => {
    const crm = await startCrm((_, response) => response.end('not gzip'));
    const proxy = await startProxy(crm.url, { passage: () => ({ decode: createGunzip() }) });
    expect((await ask(`${proxy.url}/`)).status).toBe(502);
  });

  it.each([
    ['the filter fails', () => ({ filter: failingAfter(1) })],
    ['the answer ends before the filter is content', () => ({ filter: failingAfter(99) })],
  ])('destroys the connection when %s half-way', async (_, passage) => {
    const crm = await startCrm(async (_, response) => {
      response.write('a'.repeat(1_000));
      await wait(30);
      response.end('b');
    });
    const proxy = await startProxy(crm.url, { passage });
    const raw = await exchangeRaw(proxy.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(raw).toContain('aaa');
    expect(raw).not.toContain('0\r\n\r\n');
    expect(proxy.sent).toMatchObject([{ outcome: 'failed' }]);
  });

  it.each(['1.1', '1.0'])('lets no HTTP/%s client take a cut answer for a whole one', async (version) => {
    const crm = await startCrm(async (_, response) => {
      response.write('a'.repeat(1_000));
      await wait(30);
      response.destroy();
    });
    const proxy = await startProxy(crm.url);
    const socket = net.connect(proxy.port, '127.0.0.1');
    const ends: string[] = [];
    let received = '';
    socket
      .on('data', (chunk) => {
        received += chunk.toString();
      })
      .on('end', () => ends.push('end'))
      .on('error', (error: NodeJS.ErrnoException) => ends.push(error.code ?? ''));
    socket.write(`GET / HTTP/${version}\r\nHost: a\r\n\r\n`);
    await new Promise((resolve) => socket.once('close', resolve));
    if (version === '1.1') expect(received).not.toContain('0\r\n\r\n');
    else expect(ends).toEqual(['ECONNRESET']);
  });

  it('closes the CRM’s connection when the client leaves half-way', async () => {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const crm = await startCrm((_, response) => {
      response.on('close', resolve);
      response.write('begin');
    });
    const proxy = await startProxy(crm.url);
    const request = http.get(`${proxy.url}/`, { agent: false });
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    response.on('error', () => undefined);
    response.destroy();
    await closed;
    await expect.poll(() => proxy.sent).toMatchObject([{ outcome: 'aborted' }]);
  });

  it('closes the CRM’s connection when the client leaves before the answer', async () => {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const crm = await startCrm((_, response) => response.on('close', resolve));
    const proxy = await startProxy(crm.url);
    const request = http.get(`${proxy.url}/`, { agent: false }).on('error', () => undefined);
    await once(crm.server, 'request');
    request.destroy();
    await closed;
  });

  it('notices a client that left before it was watched', async () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    const server = await startCrm(async (_, response) => {
      response.destroy();
      await wait(10);
      let gone = 0;
      onClientGone(response, () => {
        gone += 1;
      });
      await wait(10);
      resolve(gone);
    });
    await expect(ask(server.url)).rejects.toThrow('socket hang up');
    expect(await promise).toBe(1);
  });

  it('frees the CRM’s connection when the client has left already', async () => {
    let isFreed = false;
    const { promise, resolve } = Promise.withResolvers<Sent>();
    const server = await startCrm(async (_, response) => {
      response.destroy();
      await wait(10);
      const body: AnswerBody = {
        complete: () => undefined,
        start: () => undefined,
        pause: () => undefined,
        resume: () => undefined,
        abort: () => {
          isFreed = true;
        },
      };
      resolve(await streamAnswer(response, { status: 200, headers: {}, body }));
    });
    await expect(ask(server.url)).rejects.toThrow('socket hang up');
    expect(await promise).toEqual({ outcome: 'aborted', bytes: 0 });
    expect(isFreed).toBe(true);
  });

  it('closes the CRM’s connection when the client stops half-way through its body', async () => {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const crm = await startCrm((request) =>
      request
        .on('error', () => undefined)
        .on('close', resolve)
        .resume(),
    );
    const proxy = await startProxy(crm.url);
    const request = http.request(`${proxy.url}/`, {
      method: 'POST',
      agent: false,
      headers: { 'content-length': 100 },
    });
    request.on('error', () => undefined).write('half');
    await once(crm.server, 'request');
    request.destroy();
    await closed;
  });

  it('breaks a chunked upload over the limit off with 413', async () => {
    let ends = 0;
    const crm = await startCrm((request) => {
      request
        .on('error', () => undefined)
        .on('end', () => {
          ends += 1;
        })
        .resume();
    });
    const proxy = await startProxy(crm.url, { limits: { uploadBytesMax: 100_000 } });
    const chunked = { method: 'POST', headers: { 'transfer-encoding': 'chunked' } };
    const reply = await ask(`${proxy.url}/`, { ...chunked, body: Buffer.alloc(200_000) });
    expect(reply.status).toBe(413);
    await wait(20);
    expect(ends).toBe(0);
  });

  it('hands on an answer that comes before the request was read', async () => {
    const crm = await startCrm((_, response) => {
      response.writeHead(403).end('no');
    });
    const proxy = await startProxy(crm.url);
    const reply = await ask(`${proxy.url}/`, { method: 'POST', body: Buffer.alloc(20_000_000) });
    expect([reply.status, reply.body.toString()]).toEqual([403, 'no']);
  });

  it.each(['keep-alive', 'close'])(
    'is heard by a client that sends all of its request first, on a connection to %s',
    async (connection) => {
      const crm = await startCrm((request, response) => {
        if (request.method === 'GET') response.end('next');
        else response.writeHead(403).end('no');
      });
      const proxy = await startProxy(crm.url);
      const socket = net.connect(proxy.port, '127.0.0.1').pause();
      const length = 8_000_000;
      const head = `POST / HTTP/1.1\r\nHost: a\r\nConnection: ${connection}\r\nContent-Length: ${length}\r\n\r\n`;
      let failed: Error | undefined;
      socket.on('error', (error) => {
        failed = error;
      });
      const closed = once(socket, 'close');
      socket.write(head);
      for (let sent = 0; sent < length; sent += 100_000) {
        if (!socket.write(Buffer.alloc(100_000))) await Promise.race([once(socket, 'drain'), closed]);
      }
      socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
      let received = '';
      socket.on('data', (chunk) => {
        received += chunk.toString();
      });
      socket.resume();
      await closed;
      expect(failed).toBeUndefined();
      expect(received).toMatch(/^HTTP\/1.1 403 [\s\S]*\r\n\r\nno/);
      expect(received.endsWith(connection === 'close' ? 'no' : 'next')).toBe(true);
    },
  );

  it('reads from the CRM only as fast as the client does, through every stage', async () => {
    const size = 60_000_000;
    let written = 0;
    const crm = await startCrm((_, response) => {
      const chunk = Buffer.alloc(100_000, 'x');
      const write = () => {
        while (written < size && !response.destroyed) {
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
    const proxy = await startProxy(crm.url, {
      passage: () => ({ filter: { push: (chunk) => chunk, end: () => Buffer.alloc(0) } }),
    });
    const socket = net.connect(proxy.port, '127.0.0.1');
    socket.on('error', () => undefined).write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    socket.pause();
    await wait(400);
    expect(written).toBeLessThan(25_000_000);
    let received = 0;
    socket.on('data', (chunk) => {
      received += chunk.length;
      if (received > size) socket.destroy();
    });
    socket.resume();
    await once(socket, 'close');
    expect(received).toBeGreaterThan(size);
  });

  it.each([
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 205],
    ['GET', 304],
  ])('sends %s %i without a body and without asking the filter', async (method, status) => {
    const crm = await startCrm((_, response) => response.writeHead(status).end());
    const proxy = await startProxy(crm.url, { passage: () => ({ filter: failingAfter(0) }) });
    const reply = await ask(`${proxy.url}/`, { method });
    expect(reply.status).toBe(status);
    expect(reply.body).toHaveLength(0);
  });

  it.each([
    [204, undefined],
    [205, '0'],
  ])('announces no body with a %i, whatever the CRM does', async (status, length) => {
    const crm = await startCrm((request) => {
      request.socket.end(`HTTP/1.1 ${status} X\r\ncontent-length: 3\r\n\r\nabc`);
    });
    const proxy = await startProxy(crm.url);
    expect((await ask(`${proxy.url}/`)).headers['content-length']).toBe(length);
  });
});

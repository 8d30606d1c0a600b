import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { selfSigned } from '../certificate.ts';
import { ask, closeAll, startCrm, startEcho, startProxy } from '../loopback.ts';

afterEach(closeAll);

/** What waits for this fails its test. */
const NEVER_MS = 600_000;

describe('the listener over TLS', () => {
  const { key, cert } = selfSigned();

  it('serves, and leads links back to https', async () => {
    const crm = await startCrm((_, response) =>
      response.writeHead(302, { location: 'https://api.crm.example/x' }).end(),
    );
    const proxy = await startProxy(crm.url, { tls: { key, cert } });
    const reply = await ask(`${proxy.url}/`, { ca: cert });
    expect(reply.headers.location).toBe(`${proxy.url}/x`);
  });

  it('refuses TLS 1.1', async () => {
    const crm = await startEcho();
    const proxy = await startProxy(crm.url, { tls: { key, cert } });
    const old = {
      ca: cert,
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    } as const;
    await expect(ask(`${proxy.url}/`, old)).rejects.toThrow(/protocol version|handshake|unsupported/);
  });

  it('takes only clients with a certificate where an authority for them is configured', async () => {
    const crm = await startEcho();
    const proxy = await startProxy(crm.url, { tls: { key, cert, clientCa: cert } });
    await expect(ask(`${proxy.url}/`, { ca: cert })).rejects.toThrow();
    expect((await ask(`${proxy.url}/`, { ca: cert, key, cert })).status).toBe(200);
  });

  it('closes at once while a connection without a request is open', async () => {
    const crm = await startEcho();
    const proxy = await startProxy(crm.url, { tls: { key, cert }, limits: { drainTimeoutMs: NEVER_MS } });
    const socket = tls.connect({ port: proxy.port, host: '127.0.0.1', ca: cert });
    await once(socket, 'secureConnect');
    await proxy.close();
    socket.destroy();
  });

  it('does not wait longer than the drain for a connection that never begins its handshake', async () => {
    const crm = await startEcho();
    const limits = { drainTimeoutMs: 100, headersTimeoutMs: NEVER_MS, requestTimeoutMs: NEVER_MS };
    const proxy = await startProxy(crm.url, { tls: { key, cert }, limits });
    const socket = net.connect(proxy.port, '127.0.0.1').on('error', () => undefined);
    await once(socket, 'connect');
    await proxy.close();
    socket.destroy();
  });
});

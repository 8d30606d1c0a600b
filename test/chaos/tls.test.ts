import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { until } from '../fixtures/audit.ts';
import { selfSigned } from '../proxy/certificate.ts';
import { attempt } from './load.ts';
import { type Premises, premises } from './premises.ts';
import { asSupport, CANARY_QUERY, HIDDEN } from './salesforce.ts';

describe('TLS', () => {
  const ours = selfSigned();
  const theirs = selfSigned();
  let crm: Sandbox;
  let front: https.Server;
  let house: Premises;

  beforeEach(async () => {
    crm = await startSandbox({ crm: 'salesforce', people: 20, canary: 0 });
    const port = Number(new URL(crm.url).port);
    front = https.createServer({ key: theirs.key, cert: theirs.cert }, (request, response) => {
      const inner = http.request({
        port,
        method: request.method,
        path: request.url,
        headers: request.headers,
      });
      request.pipe(inner).on('response', (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
    });
    front.listen(0, '127.0.0.1');
    await once(front, 'listening');
    const url = `https://127.0.0.1:${(front.address() as AddressInfo).port}`;
    house = await premises(url);
    for (const [name, text] of Object.entries({
      'key.pem': ours.key,
      'cert.pem': ours.cert,
      'crm.pem': theirs.cert,
    })) {
      writeFileSync(join(house.directory, name), text);
    }
    const trusted = { name: 'sales', crm: 'salesforce', url, tls: { ca: './crm.pem' } };
    const stranger = { name: 'strange', crm: 'salesforce', url, match: { prefix: '/strange' } };
    const news = { name: 'news', crm: 'hubspot', url, match: { prefix: '/hubspot' } };
    house.configure({
      listen: {
        port: house.proxyPort,
        tls: { cert: './cert.pem', key: './key.pem', clientCa: './cert.pem' },
      },
      upstreams: [trusted, stranger, news],
      limits: { drainTimeoutMs: 1_000 },
    });
  });
  afterEach(async () => {
    await house.close();
    front.closeAllConnections();
    front.close();
    await crm.close();
  });

  it('is spoken on both sides, to those whose certificates are trusted and to nobody else', async () => {
    const privet = await house.start();
    const url = house.url.replace('http:', 'https:');
    const client = { ca: ours.cert, key: ours.key, cert: ours.cert };

    const seen = await attempt(url + CANARY_QUERY, asSupport(client));
    expect(seen).toMatchObject({ status: 200, isWhole: true });
    for (const value of HIDDEN) expect(seen.body).not.toContain(value);

    const stranger = await attempt(`${url}/strange${CANARY_QUERY}`, asSupport(client));
    expect(stranger).toMatchObject({ status: 502, isWhole: true });
    expect(stranger.body).toContain('The CRM cannot be reached.');
    expect(stranger.body).not.toMatch(/cert|sign|tls|ssl/i);
    await until(() => privet.output().includes('DEPTH_ZERO_SELF_SIGNED_CERT'), 'the reason is in the log');

    expect((await attempt(url + CANARY_QUERY, asSupport({ ca: ours.cert }))).status).toBeUndefined();
    const foreign = { ca: ours.cert, key: theirs.key, cert: theirs.cert };
    expect((await attempt(url + CANARY_QUERY, asSupport(foreign))).status).toBeUndefined();
    expect((await attempt(house.url + CANARY_QUERY, asSupport())).status).toBeUndefined();

    // Somebody who never begins to speak TLS does not hold the end up.
    const silent = connect(house.proxyPort, '127.0.0.1').on('error', () => undefined);
    await once(silent, 'connect');
    privet.kill('SIGTERM');
    expect(await privet.exited).toEqual({ code: 0, signal: null });
    silent.destroy();
  });
});

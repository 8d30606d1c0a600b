import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../fixtures/audit.ts';
import { answer, type BrokenCrm, page, startBrokenCrm } from './broken-crm.ts';
import { attempt } from './load.ts';
import { type Premises, type PrivetProcess, premises } from './premises.ts';
import { asOfficer, asSupport, CANARY_QUERY, headersOf } from './salesforce.ts';

const INGEST = '/services/data/v59.0/jobs/ingest/7505e000002kXYZAAQ/batches';
const RECORD = '/services/data/v59.0/sobjects/Contact';

describe('a client that leaves', () => {
  let crm: BrokenCrm;
  let house: Premises;
  let privet: PrivetProcess;
  let socketsBefore: number;
  let seen = 0;

  beforeAll(async () => {
    crm = await startBrokenCrm();
    house = await premises(crm.url, { limits: { drainTimeoutMs: 2_000 } });
    privet = await house.start();
    socketsBefore = privet.sockets();
  });
  afterAll(async () => {
    await house.close();
    await crm.close();
  });

  /** The completion events since the last call. */
  async function completions(count: number) {
    const all = async () => (await house.spooled()).filter(({ phase }) => phase === 'completion').slice(seen);
    await until(async () => (await all()).length >= count, `${count} completion events`);
    const found = await all();
    seen += found.length;
    return found;
  }

  function open(path: string, options: http.RequestOptions = {}): http.ClientRequest {
    return http.request(house.url + path, { agent: false, ...options }).on('error', () => undefined);
  }

  it.each([
    ['support', asSupport],
    ['an officer', asOfficer],
  ])('before the answer (%s): the request to the CRM is aborted', async (_, as) => {
    crm.behaviour = () => undefined;
    const before = crm.requests();
    const request = open(CANARY_QUERY, as());
    request.end();
    await until(() => crm.requests() > before, 'a request at the CRM');
    request.destroy();
    await until(() => crm.connections() === 0, 'the connection to the CRM ends');
    expect(await completions(1)).toMatchObject([{ decision: 'allow', outcome: 'aborted' }]);
  });

  it.each([
    ['support', asSupport],
    ['an officer', asOfficer],
  ])('within the answer (%s): reading from the CRM ends', async (_, as) => {
    const body = page(100_000);
    crm.behaviour = (socket) => void socket.write(answer(body));
    const request = open(CANARY_QUERY, as());
    request.end();
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    await once(response, 'data');
    response.destroy();
    await until(() => crm.connections() === 0, 'the connection to the CRM ends');
    const [event] = await completions(1);
    expect(event).toMatchObject({ outcome: 'aborted', response: { status: 200 } });
    expect(event?.response?.bytes).toBeLessThan(body.length);
    expect(event?.records?.seen).toBeGreaterThan(0);
  });

  it.each([
    ['a body that is read', RECORD, 'POST', 'application/json', 100],
    ['a body that is streamed on', INGEST, 'PUT', 'text/csv', 100_000],
  ])('within %s: nothing half goes on to the CRM', async (_, path, method, type, length) => {
    // A CRM that answered before the upload is over would end the request.
    crm.behaviour = () => undefined;
    const before = crm.requests();
    const headers = { ...headersOf('officer'), 'content-type': type, 'content-length': String(length) };
    const request = open(path, { method, headers });
    request.write('{"LastName": "A');
    await until(
      async () => (await house.spooled()).length > 0 && privet.sockets() > socketsBefore,
      'the upload',
    );
    const streams = type === 'text/csv' ? 1 : 0;
    await until(() => crm.requests() - before === streams, 'what is streamed on begins at the CRM');
    await new Promise((done) => setTimeout(done, 200));
    request.destroy();
    expect(await completions(1)).toMatchObject([{ outcome: 'aborted' }]);
    await until(() => crm.connections() === 0, 'the connection to the CRM ends');
    // A streamed request has begun at the CRM, and was cut off there.
    expect(crm.requests() - before).toBe(streams);
  });

  it('after asking for the head only: the request is complete', async () => {
    const body = page(3);
    crm.behaviour = (socket) => void socket.write(answer(body).subarray(0, -body.length));
    for (const as of [asSupport, asOfficer]) {
      expect(await attempt(house.url + CANARY_QUERY, as({ method: 'HEAD' }))).toMatchObject({ status: 200 });
      expect(await completions(1)).toMatchObject([{ outcome: 'complete' }]);
    }
  });

  it('by the hundred: nothing stays behind', async () => {
    crm.behaviour = (socket) => void socket.write(answer(page(1_000)));
    const request = `GET ${CANARY_QUERY} HTTP/1.1\r\nhost: x\r\n${Object.entries(headersOf('support'))
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')}\r\n`;
    const leave = async (index: number): Promise<void> => {
      const socket = net.connect(house.proxyPort, '127.0.0.1');
      await once(socket, 'connect');
      socket.on('error', () => undefined).write(request);
      await new Promise((done) => setTimeout(done, index % 20));
      socket.resetAndDestroy();
    };
    for (let round = 0; round < 4; round += 1) {
      await Promise.all(Array.from({ length: 50 }, (_, index) => leave(index)));
    }
    await until(() => privet.sockets() <= socketsBefore + 1, 'sockets of Privet end');
    const readiness = await house.readiness();
    expect(readiness.body['upstreams']).toMatchObject({ sales: { running: 0, waiting: 0 } });
    const events = await house.spooled();
    const decided = events.filter(({ phase }) => phase === 'decision').length;
    expect(events.length - decided).toBeGreaterThanOrEqual(decided);
    expect(privet.errors()).not.toMatch(/Error/);
  });
});

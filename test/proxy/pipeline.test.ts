import type { IncomingMessage } from 'node:http';
import net from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { ERRORS, PrivetError } from '../../src/errors.ts';
import { ANA, CONTACT, EMMA, json, MASKED, OWN_ROWS, QUERY, READ } from './contact.ts';
import { type HouseOptions, startHouse } from './house.ts';
import { ask, closeAll } from './loopback.ts';

afterEach(closeAll);

describe('every way out leaves a completion event', () => {
  it.each([
    ['as it is', undefined],
    ['gzip', 'gzip'],
  ])('when a client leaves in the middle of an answer that is counted only (%s)', async (_, coding) => {
    const head = `{"totalSize":2,"done":true,"records":[${JSON.stringify(CONTACT)},`;
    const house = await startHouse({ policies: MASKED }, (_request, response) => {
      response.writeHead(200, {
        'content-type': 'application/json',
        ...(coding === undefined ? {} : { 'content-encoding': coding }),
      });
      const bytes = Buffer.from(`${head}${' '.repeat(100_000)}`);
      response.write(coding === undefined ? bytes : gzipSync(bytes).subarray(0, -8));
    });
    const socket = net.connect(house.port, '127.0.0.1');
    socket.write(`GET ${QUERY} HTTP/1.1\r\nHost: crm\r\nx-privet-key: emma\r\nAccept-Encoding: gzip\r\n\r\n`);
    await new Promise((resolve) => socket.once('data', resolve));
    socket.destroy();
    const [completion] = await house.seen('completion');
    expect(completion).toMatchObject({ outcome: 'aborted', records: { seen: 1, omitted: 0 } });
    expect(completion?.dataSubjects).toHaveLength(1);
  });

  it('for HEAD, whose answer has no body to count', async () => {
    const house = await startHouse({ policies: MASKED }, json(CONTACT));
    const reply = await ask(`${house.url}${READ}`, { method: 'HEAD', headers: EMMA });
    expect(reply.status).toBe(200);
    expect(await house.seen('completion')).toMatchObject([{ outcome: 'complete' }]);
  });
});

describe('what is measured of a request', () => {
  const read = JSON.stringify({ ids: [CONTACT.Id], fields: ['Id'] });
  const unread = 'token=x'.repeat(1_000);

  it.each([
    ['read to be judged', '/services/data/v59.0/composite/sobjects/Contact', 'application/json', read],
    ['passed on as it comes', '/services/oauth2/revoke', 'application/x-www-form-urlencoded', unread],
  ])('is how long its body was, announced or not: one that is %s', async (_, path, type, body) => {
    const house = await startHouse({ policies: MASKED }, (request, response) => {
      request.resume().on('end', () => json([])(request, response));
    });
    const send = (headers: Record<string, string | number>) =>
      ask(house.url + path, { method: 'POST', headers: { ...ANA, 'content-type': type, ...headers }, body });
    await send({ 'content-length': body.length });
    await send({ 'transfer-encoding': 'chunked' });
    await house.seen('completion', 2);
    expect(house.measured.map(({ requestBytes }) => requestBytes)).toEqual([body.length, body.length]);
  });
});

describe('a token of Privet’s own for the CRM', () => {
  const entering = async (
    path: string,
    headers: Record<string, string>,
    bearer?: string,
    options: Partial<HouseOptions> = {},
  ) => {
    const heard: IncomingMessage['headers'][] = [];
    const house = await startHouse(
      { policies: MASKED, ...(bearer === undefined ? {} : { bearer }), ...options },
      (request, response) => {
        heard.push(request.headers);
        json(CONTACT, { 'set-cookie': 'sid=own' })(request, response);
      },
    );
    const reply = await ask(house.url + path, { headers });
    return { reply, sent: heard[0] };
  };
  const USER_INFO = '/services/oauth2/userinfo';
  const SESSION = { cookie: 'sid=client', authorization: 'Bearer client' };

  it('stands in place of the client’s credentials, cookies too, and its session stays here', async () => {
    const { reply, sent } = await entering(READ, { ...ANA, ...SESSION }, 'own');
    expect(sent).toMatchObject({ authorization: 'Bearer own' });
    expect(sent).not.toHaveProperty('cookie');
    expect(reply.headers).not.toHaveProperty('set-cookie');
  });

  it.each([{}, ANA])('is not lent for a login, which speaks for itself: %j', async (who) => {
    const { sent } = await entering(USER_INFO, who, 'own');
    expect(sent).not.toHaveProperty('authorization');
    const { sent: loggedIn } = await entering(USER_INFO, { ...who, authorization: 'Bearer client' }, 'own');
    expect(loggedIn).toMatchObject({ authorization: 'Bearer client' });
  });

  it.each([
    ['a stranger', {}],
    ['a key that is none', { 'x-privet-key': 'guess' }],
  ])('is not lent to %s in observe mode, where the CRM still decides who may enter', async (_, who) => {
    const { reply, sent } = await entering(READ, { ...who, cookie: 'sid=client' }, 'own', {
      mode: 'observe',
    });
    expect(sent).not.toHaveProperty('authorization');
    expect(sent).toMatchObject({ cookie: 'sid=client' });
    expect(reply.headers['set-cookie']).toEqual(['sid=own']);
    const { sent: known } = await entering(READ, ANA, 'own', { mode: 'observe' });
    expect(known).toMatchObject({ authorization: 'Bearer own' });
  });

  it('is lent to strangers where the posture lets them in', async () => {
    const { sent } = await entering(READ, {}, 'own', { posture: { unidentified: 'allow' } });
    expect(sent).toMatchObject({ authorization: 'Bearer own' });
  });

  it('is not there where the client enters by itself', async () => {
    const { reply, sent } = await entering(READ, { ...ANA, ...SESSION });
    expect(sent).toMatchObject(SESSION);
    expect(reply.headers['set-cookie']).toEqual(['sid=own']);
  });
});

describe('audit before anything leaves', () => {
  it.each([
    ['GET', 1],
    ['DELETE', 0],
  ])(
    '%s is refused when the decision cannot be recorded, and the CRM is asked %d times',
    async (method, times) => {
      let asked = 0;
      const house = await startHouse(
        { policies: MASKED, record: () => Promise.reject(new PrivetError('AUDIT_UNAVAILABLE')) },
        (request, response) => {
          asked++;
          json(CONTACT)(request, response);
        },
      );
      const reply = await ask(`${house.url}${method === 'GET' ? READ : READ.split('?')[0]}`, {
        method,
        headers: ANA,
      });
      expect(reply.status).toBe(403);
      expect(reply.body.toString()).not.toContain('canary');
      expect(asked).toBeLessThanOrEqual(times);
      await expect.poll(() => house.upstreamLoad().running).toBe(0);
    },
  );

  it('refuses a read whose decision is lost while the CRM is still at it, and does not wait for the answer', async () => {
    const asked = Promise.withResolvers<void>();
    const lost = asked.promise.then(() => {
      throw new PrivetError('AUDIT_UNAVAILABLE');
    });
    const house = await startHouse({ policies: MASKED, record: () => lost }, () => asked.resolve());
    const reply = await ask(`${house.url}${READ}`, { headers: ANA });
    expect(reply.status).toBe(403);
    expect(reply.body.toString()).toContain(ERRORS.AUDIT_UNAVAILABLE.message);
    await expect.poll(() => house.upstreamLoad().running).toBe(0);
  });
});

describe('observe mode', () => {
  it('changes nothing on the way there or back, and says what would have been', async () => {
    const headers: Record<string, unknown>[] = [];
    const house = await startHouse(
      { policies: `${MASKED}---${OWN_ROWS}`, mode: 'observe' },
      (request, response) => {
        headers.push({ ...request.headers, url: request.url });
        json(CONTACT, { etag: '"v1"', 'accept-ranges': 'bytes' })(request, response);
      },
    );
    const reply = await ask(`${house.url}${READ}`, {
      headers: { ...ANA, accept: 'application/xml', range: 'bytes=0-', 'if-none-match': '"v0"' },
    });
    expect(reply.body.toString()).toBe(JSON.stringify(CONTACT));
    expect(reply.headers).toMatchObject({ etag: '"v1"', 'accept-ranges': 'bytes' });
    expect(headers).toMatchObject([
      { accept: 'application/xml', range: 'bytes=0-', 'if-none-match': '"v0"', url: READ },
    ]);
    expect(await house.seen('completion')).toMatchObject([
      { mode: 'observe', decision: 'allow', records: { seen: 1, omitted: 1 } },
    ]);
  });

  it('lets a denied request pass, and reports the denial', async () => {
    const policies = `policy: no-reading\nfor: { roles: [support] }\ndeny: No.`;
    const house = await startHouse({ policies, mode: 'observe' }, json(CONTACT));
    const reply = await ask(`${house.url}${READ}`, { headers: ANA });
    expect(reply.status).toBe(200);
    expect(await house.seen('decision')).toMatchObject([{ decision: 'deny', policies: ['no-reading'] }]);
  });

  it.each([
    ['does not answer', 500],
    ['answers with something else', 200],
  ])('lets a write pass when the CRM %s what stands there now', async (_, status) => {
    const bodies: string[] = [];
    const house = await startHouse({ policies: MASKED, mode: 'observe' }, async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      if (request.method !== 'PATCH') return response.writeHead(status).end('nothing');
      bodies.push(body);
      return response.writeHead(204).end();
    });
    const body = '{ "Email" : "a***@example.com" }';
    const reply = await ask(`${house.url}${READ.split('?')[0]}`, {
      method: 'PATCH',
      headers: { ...ANA, 'content-type': 'application/json' },
      body,
    });
    expect(reply.status).toBe(204);
    expect(bodies).toEqual([body]);
  });
});

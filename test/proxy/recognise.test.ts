import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { ANA, CONTACT, json, MASKED, QUERY, READ } from './contact.ts';
import { startHouse } from './house.ts';
import { ask, closeAll, exchangeRaw } from './loopback.ts';

afterEach(closeAll);

describe('a Host header that names no host', () => {
  it.each(['a/b', 'a"b', 'a b', 'user@crm', ''])(
    'is refused before anything is asked of the CRM: %j',
    async (host) => {
      let asked = 0;
      const house = await startHouse({ policies: MASKED }, (request, response) => {
        asked++;
        json(CONTACT)(request, response);
      });
      const reply = await exchangeRaw(
        house.port,
        `GET ${READ} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nx-privet-key: ana\r\n\r\n`,
      );
      expect(reply).toMatch(/^HTTP\/1\.1 400 /);
      expect(asked).toBe(0);
      expect(house.upstreamLoad().running).toBe(0);
    },
  );
});

describe('a request that two servers may read in two ways', () => {
  const lines = (...of: string[]) => [...of, 'Connection: close', 'x-privet-key: ana', '', ''].join('\r\n');
  const create = 'POST /services/data/v59.0/sobjects/Contact HTTP/1.1';
  it.each([
    ['two Hosts', lines(`GET ${READ} HTTP/1.1`, 'Host: crm', 'Host: other')],
    [
      'two Authorizations',
      lines(`GET ${READ} HTTP/1.1`, 'Host: crm', 'Authorization: a', 'Authorization: b'),
    ],
    [
      'two Content-Types',
      `${lines(create, 'Host: crm', 'Content-Type: application/json', 'Content-Type: text/plain', 'Content-Length: 2')}{}`,
    ],
    [
      'a transfer coding below chunked',
      `${lines(create, 'Host: crm', 'Content-Type: application/json', 'Transfer-Encoding: gzip, chunked')}2\r\n{}\r\n0\r\n\r\n`,
    ],
    [
      'a transfer coding in HTTP/1.0',
      `${lines(create.replace('1.1', '1.0'), 'Host: crm', 'Content-Type: application/json', 'Transfer-Encoding: chunked')}2\r\n{}\r\n0\r\n\r\n`,
    ],
    ['a whole URL as its target', lines(`GET http://crm${READ} HTTP/1.1`, 'Host: crm')],
    [
      'a dot segment',
      lines(`GET ${READ.replace('/sobjects', '/limits/%2e%2e/sobjects')} HTTP/1.1`, 'Host: crm'),
    ],
  ])('is a 400 in front of the CRM: %s', async (_, bytes) => {
    let asked = 0;
    const house = await startHouse({ policies: MASKED }, (request, response) => {
      asked++;
      json(CONTACT)(request, response);
    });
    const reply = await exchangeRaw(house.port, bytes);
    expect(reply).toMatch(/^HTTP\/1\.1 400 /);
    expect(reply).toMatch(/x-privet-request-id: \S+/);
    expect(asked).toBe(0);
    expect(await house.seen('decision')).toMatchObject([{ decision: 'deny' }]);
  });
});

describe('what a request says it is', () => {
  it.each(['utf-16', 'utf-7', 'ibm037', 'iso-8859-1', '"utf-16"'])(
    'a body in charset %s is refused: the CRM would read another text',
    async (charset) => {
      let asked = 0;
      const house = await startHouse({ policies: MASKED }, (request, response) => {
        asked++;
        json({})(request, response);
      });
      const reply = await ask(`${house.url}/services/data/v59.0/sobjects/Contact`, {
        method: 'POST',
        headers: { ...ANA, 'content-type': `application/json; charset=${charset}` },
        body: '{"LastName":"x"}',
      });
      expect(reply.status).toBe(403);
      expect(asked).toBe(0);
    },
  );
});

describe('a header by which Salesforce reads other names than those in the request', () => {
  it.each([
    'defaultNamespace=acme',
    'client=SforceApp/1.0, defaultNamespace=acme',
    'DEFAULTNAMESPACE = acme',
  ])('is refused before the CRM hears of it: %s', async (options) => {
    let asked = 0;
    const house = await startHouse({ policies: MASKED }, (request, response) => {
      asked++;
      json(CONTACT)(request, response);
    });
    const reply = await ask(`${house.url}${READ}`, { headers: { ...ANA, 'sforce-call-options': options } });
    expect(reply.status).toBe(403);
    expect(reply.body.toString()).toContain('sforce-call-options');
    expect(asked).toBe(0);
  });

  it('passes where it says nothing of names', async () => {
    const heard: unknown[] = [];
    const house = await startHouse({ policies: MASKED }, (request, response) => {
      heard.push(request.headers['sforce-call-options']);
      json(CONTACT)(request, response);
    });
    const reply = await ask(`${house.url}${READ}`, {
      headers: { ...ANA, 'sforce-call-options': 'client=SforceApp/1.0' },
    });
    expect(reply.status).toBe(200);
    expect(heard).toEqual(['client=SforceApp/1.0']);
  });
});

describe('the next page of a query', () => {
  it.each([
    ['somebody who is recognised', ANA],
    ['a stranger whom the posture lets pass', {}],
  ])('is found by %s', async (_, headers) => {
    const asked: (string | undefined)[] = [];
    const more = '/services/data/v59.0/query/01gX-2000';
    const house = await startHouse(
      {
        policies: 'policy: all\nshow: { contact.email: { mask: email } }',
        posture: { unidentified: 'allow' },
      },
      (request, response) => {
        asked.push(request.url);
        json({ totalSize: 2, done: false, nextRecordsUrl: more, records: [CONTACT] })(request, response);
      },
    );
    const first = await ask(`${house.url}${QUERY}`, { headers });
    const { nextRecordsUrl } = JSON.parse(first.body.toString()) as { nextRecordsUrl: string };
    expect(nextRecordsUrl).not.toBe(more);
    const next = await ask(`${house.url}${nextRecordsUrl}`, { headers });
    expect([next.status, next.body.toString().includes(CONTACT.Email)]).toEqual([200, false]);
    expect(asked.at(-1)).toBe(more);
  });
});

describe('a body that the operation does not have', () => {
  it.each(['GET', 'HEAD', 'DELETE'])('is not passed on unread with %s', async (method) => {
    let asked = 0;
    const house = await startHouse({ policies: MASKED }, (request, response) => {
      asked++;
      json(CONTACT)(request, response);
    });
    const body = 'fields=Email';
    const reply = await ask(`${house.url}${READ.split('?')[0]}`, {
      method,
      headers: {
        ...ANA,
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': body.length,
      },
      body,
    });
    expect(reply.status).toBe(403);
    expect(asked).toBe(0);
  });

  it('is no body when it is empty', async () => {
    const house = await startHouse({ policies: MASKED }, json(CONTACT));
    const reply = await ask(`${house.url}${READ}`, { headers: { ...ANA, 'content-length': 0 } });
    expect(reply.status).toBe(200);
  });
});

describe('an upload that grows as it is decoded', () => {
  it.each([
    [9_000, 201],
    [11_000, 413],
  ])('of %i bytes is answered %i where 10,000 may be sent', async (bytes, status) => {
    let arrived = 0;
    const house = await startHouse(
      { policies: MASKED, limits: { uploadBytesMax: 10_000 } },
      (request, response) => {
        request.on('data', (chunk: Buffer) => {
          arrived += chunk.length;
        });
        request
          .on('error', () => undefined)
          .on('end', () => {
            const isMade = request.method === 'POST';
            response.writeHead(isMade ? 200 : 201, isMade ? { 'content-type': 'application/json' } : {});
            response.end(isMade ? '{"id":"7505g00000AAAAAAAA","state":"Open"}' : '');
          });
      },
    );
    const path = `${house.url}/services/data/v59.0/jobs/ingest`;
    const made = await ask(path, {
      method: 'POST',
      headers: { ...ANA, 'content-type': 'application/json' },
      body: '{"object":"Contact","operation":"update","contentType":"CSV"}',
    });
    const { id } = JSON.parse(made.body.toString()) as { id: string };
    arrived = 0;
    const row = '0035g000000001lAAA,CTO\n';
    const rows = `Id,Title\n${row.repeat(Math.floor((bytes - 9) / row.length))}`;
    const sent = await ask(`${path}/${id}/batches`, {
      method: 'PUT',
      headers: { ...ANA, 'content-type': 'text/csv', 'content-encoding': 'gzip' },
      body: gzipSync(rows),
    });
    expect(sent.status).toBe(status);
    expect(arrived).toBeLessThanOrEqual(10_000);
  });
});

import type { IncomingMessage, ServerResponse } from 'node:http';
import net from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { ERRORS, PrivetError } from '../../src/errors.ts';
import { type HouseOptions, startHouse } from './house.ts';
import { ask, closeAll, exchangeRaw } from './loopback.ts';

afterEach(closeAll);

const ANA = { 'x-privet-key': 'ana' };
const EMMA = { 'x-privet-key': 'emma' };
const MASKED = `
policy: support-masks
for: { roles: [support] }
show: { contact.email: { mask: email } }
`;
const OWN_ROWS = `
policy: reps-see-their-own
for: { roles: [support] }
on: { objects: [Contact] }
rows: record.owner == principal.crmUserId
`;
const CONTACT = {
  attributes: { type: 'Contact', url: '/services/data/v59.0/sobjects/Contact/0035g00000AAAAAAAA' },
  Id: '0035g00000AAAAAAAA',
  Email: 'canary@example.com',
  OwnerId: '0055g00000BBBBBBBB',
};
const READ = '/services/data/v59.0/sobjects/Contact/0035g00000AAAAAAAA?fields=Id,Email,OwnerId';
const QUERY = '/services/data/v59.0/query?q=SELECT+Id,Email+FROM+Contact';

function json(body: unknown, headers: Record<string, string> = {}, status = 200) {
  return (_: IncomingMessage, response: ServerResponse): void => {
    const bytes = Buffer.from(JSON.stringify(body));
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(bytes);
  };
}

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

describe('an answer that may not be shown as a whole', () => {
  it('is refused as the policy that leaves the record out says, not as a failure that SDKs repeat', async () => {
    const house = await startHouse({ policies: OWN_ROWS }, json(CONTACT));
    const reply = await ask(`${house.url}${READ}`, { headers: ANA });
    expect(reply.status).toBe(403);
    expect(reply.body.toString()).toContain('INSUFFICIENT_ACCESS');
    expect(reply.body.toString()).not.toContain('canary');
    const [completion] = await house.seen('completion');
    expect(completion).toMatchObject({ decision: 'deny', policies: ['reps-see-their-own'] });
  });
});

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

describe('where links of the CRM are led back to', () => {
  it.each([
    ['the host that was asked for, by the scheme of the listener', undefined, 'http://127.0.0.1:PORT'],
    [
      'the public URL, where something in front ends TLS',
      'https://crm.acme.example',
      'https://crm.acme.example',
    ],
    ['its path as well', 'https://gateway.acme.example/crm/', 'https://gateway.acme.example/crm'],
  ])('%s', async (_, publicUrl, base) => {
    const location = '/services/data/v59.0/sobjects/Contact/0035g00000AAAAAAAA';
    const house = await startHouse(
      { policies: MASKED, ...(publicUrl === undefined ? {} : { publicUrl }) },
      (request, response) => {
        json(CONTACT, { location: `http://${request.headers.host}${location}` })(request, response);
      },
    );
    const reply = await ask(`${house.url}${READ}`, { headers: ANA });
    expect(reply.headers['location']).toBe(base.replace('PORT', String(house.port)) + location);
  });
});

describe('what an answer says it is', () => {
  it.each([
    ['application/json; charset=utf-16', 502],
    ['application/json; charset="utf-16le"', 502],
    ['text/json', 502],
    ['text/html', 502],
    ['', 502],
    ['application/json, text/plain', 502],
    ['APPLICATION/JSON; CHARSET=UTF-8', 200],
    ['application/vnd.crm+json', 200],
  ])('%j is read or withheld', async (type, status) => {
    const house = await startHouse({ policies: MASKED }, (_, response) => {
      if (type !== '') response.setHeader('content-type', type);
      response.end(JSON.stringify(CONTACT));
    });
    const reply = await ask(`${house.url}${READ}`, { headers: ANA });
    expect(reply.status).toBe(status);
    expect(reply.body.toString()).not.toContain('canary@');
    await house.seen('completion');
    expect(house.upstreamLoad().running).toBe(0);
  });

  it.each([
    ['an ended session', 401, 401],
    ['a record that is not there', 404, 404],
    ['too many requests', 429, 429],
    ['an outage', 503, 502],
  ])('%s stays what it is when its body is withheld: %i', async (_, status, told) => {
    const house = await startHouse({ policies: MASKED }, (_request, response) => {
      response.writeHead(status, { 'content-type': 'text/html' }).end('<p>canary@acme.example</p>');
    });
    const reply = await ask(`${house.url}${READ}`, { headers: ANA });
    expect(reply.status).toBe(told);
    expect(reply.body.toString()).toContain('ANSWER_UNREADABLE');
    expect(reply.body.toString()).not.toContain('canary@');
    const [completion] = await house.seen('completion');
    expect(completion).toMatchObject({ outcome: 'failed', response: { status: told } });
  });

  it('a content type that stands twice is withheld', async () => {
    const house = await startHouse({ policies: MASKED }, (request) => {
      request.socket.end(
        `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Type: text/plain\r\nContent-Length: ${JSON.stringify(CONTACT).length}\r\n\r\n${JSON.stringify(CONTACT)}`,
      );
    });
    const reply = await ask(`${house.url}${READ}`, { headers: ANA });
    expect(reply.body.toString()).not.toContain('canary@');
    expect(reply.status).toBe(502);
  });

  it.each([
    ['in chunks', (response: ServerResponse) => response.writeHead(401).end()],
    [
      'until the connection ends',
      (response: ServerResponse) => response.socket?.end('HTTP/1.0 401 X\r\n\r\n'),
    ],
    [
      'in a coding that is not known',
      (response: ServerResponse) => response.writeHead(401, { 'content-encoding': 'rot13' }).end(),
    ],
  ])('that it is empty is nothing to withhold: %s', async (_, say) => {
    const house = await startHouse({ policies: MASKED }, (_, response) => say(response));
    const reply = await ask(`${house.url}${READ}`, { headers: ANA });
    expect([reply.status, reply.body.toString()]).toEqual([401, '']);
    await house.seen('completion');
  });

  it.each([204, 205, 304])('%d without a content type passes, and says no length', async (status) => {
    const house = await startHouse({ policies: MASKED }, (_, response) => response.writeHead(status).end());
    const reply = await ask(`${house.url}${READ}`, { headers: ANA });
    expect(reply.status).toBe(status);
    expect(reply.body).toHaveLength(0);
    await house.seen('completion');
  });

  it('HEAD tells neither bytes nor their number', async () => {
    const house = await startHouse({ policies: MASKED }, (_, response) => {
      response.writeHead(200, { 'content-type': 'text/plain', 'content-length': '4711' }).end();
    });
    const reply = await ask(`${house.url}${READ}`, { method: 'HEAD', headers: ANA });
    expect(reply.status).toBe(200);
    expect(reply.headers['content-length']).not.toBe('4711');
    await house.seen('completion');
  });

  it('an error of the CRM is searched for what it echoes', async () => {
    const house = await startHouse(
      { policies: MASKED },
      json([{ errorCode: 'X', message: 'canary@example.com is taken' }], {}, 400),
    );
    const reply = await ask(`${house.url}${READ}`, { headers: ANA });
    expect(reply.status).toBe(400);
    expect(JSON.parse(reply.body.toString())).toEqual([{ errorCode: 'X', message: '[email] is taken' }]);
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

describe('a redirect', () => {
  const redirected = async (location: string, headers: Record<string, string>, target = READ) => {
    const house = await startHouse({ policies: MASKED }, (_, response) => {
      response.writeHead(307, { location, 'content-length': 0 }).end();
    });
    const reply = await ask(`${house.url}${target}`, { headers });
    return { status: reply.status, location: reply.headers.location, origin: house.url };
  };

  it.each([
    'https://files.example/a?signature=x',
    'http://127.0.0.1:1/a',
    '//files.example/a',
    '\\\\files.example/a',
    '/\t/files.example/a',
    'ht\ttps:files.example/a',
    'ftp://files.example/a',
  ])('to another host is withheld where something is hidden: %s', async (location) => {
    expect(await redirected(location, ANA)).toMatchObject({ status: 502, location: undefined });
  });

  it('to the CRM is led back through the proxy', async () => {
    for (const location of ['https://acme.my.salesforce.com/services/data', '/services/data', 'data']) {
      const { status, location: led, origin } = await redirected(location, ANA);
      expect([status, new URL(led ?? '', origin).origin]).toEqual([307, origin]);
    }
  });

  it.each([ANA, {}])('at the end of a login leads back to the app that began it', async (headers) => {
    const location = 'https://app.example/callback?code=x';
    const login =
      '/services/oauth2/authorize?response_type=code&client_id=x&redirect_uri=https%3A%2F%2Fapp.example%2Fcallback';
    expect(await redirected(location, headers, login)).toMatchObject({ status: 307, location });
  });

  it('to another host is no secret to whoever sees everything', async () => {
    const location = 'https://files.example/a?signature=x';
    expect(await redirected(location, EMMA)).toMatchObject({ status: 307, location });
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

describe('what tells of records that were left out', () => {
  it.each([
    ['reps-see-their-own', OWN_ROWS.replace('owner ==', 'country =='), undefined],
    ['nothing', MASKED, '2'],
  ])('a count in a header, when %s hides records', async (_, policies, count) => {
    let locator = 'bulk1';
    const house = await startHouse({ policies }, (request, response) => {
      if (request.method === 'POST')
        return json({ id: locator, operation: 'query', object: 'Contact', state: 'JobComplete' })(
          request,
          response,
        );
      response.writeHead(200, { 'content-type': 'text/csv', 'sforce-numberofrecords': '2' });
      return response.end('Id,Email,MailingCountry\n1,a@x.example,DE\n2,b@x.example,FR\n');
    });
    const created = await ask(`${house.url}/services/data/v59.0/jobs/query`, {
      method: 'POST',
      headers: { ...ANA, 'content-type': 'application/json' },
      body: JSON.stringify({ operation: 'query', query: 'SELECT Id, Email FROM Contact' }),
    });
    locator = (JSON.parse(created.body.toString()) as { id: string }).id;
    const reply = await ask(`${house.url}/services/data/v59.0/jobs/query/${locator}/results`, {
      headers: ANA,
    });
    expect(reply.status).toBe(200);
    expect(reply.headers['sforce-numberofrecords']).toBe(count);
  });
});

describe('ETags over the wire', () => {
  it('never match across views, and match within one', async () => {
    const asked: (string | undefined)[] = [];
    const house = await startHouse({ policies: MASKED }, (request, response) => {
      asked.push(request.headers['if-none-match']);
      if (request.headers['if-none-match'] === '"v1"') return response.writeHead(304, { etag: '"v1"' }).end();
      return json(CONTACT, { etag: '"v1"' })(request, response);
    });
    const read = (who: typeof ANA, etag?: string) =>
      ask(`${house.url}${READ}`, {
        headers: { ...who, ...(etag === undefined ? {} : { 'if-none-match': etag }) },
      });
    const clear = await read(EMMA);
    const masked = await read(ANA);
    expect(clear.headers.etag).toBe('"v1"');
    expect(masked.headers.etag).toMatch(/^"v1--privet-[0-9a-f]+"$/);
    const etag = String(masked.headers.etag);
    expect((await read(ANA, etag)).status).toBe(304);
    expect((await read(ANA, '"v1"')).status).toBe(200);
    expect((await read(EMMA, etag)).status).toBe(200);
    expect((await read(EMMA, '"v1"')).status).toBe(304);
    expect((await read(ANA, '"v1--privet-0000000000000000"')).status).toBe(200);
    expect(asked).toEqual([undefined, undefined, '"v1"', undefined, undefined, '"v1"', undefined]);
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

import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { ANA, CONTACT, EMMA, json, MASKED, OWN_ROWS, READ } from './contact.ts';
import { startHouse } from './house.ts';
import { ask, closeAll } from './loopback.ts';

afterEach(closeAll);

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

  it.each([
    ['seconds', 429, '120', '120'],
    ['a date', 429, 'Fri, 27 Nov 2026 08:49:37 GMT', 'Fri, 27 Nov 2026 08:49:37 GMT'],
    ['an outage', 503, '30', '30'],
    ['a value', 429, 'canary@acme.example', undefined],
    ['a value behind the seconds', 429, '120; canary@acme.example', undefined],
    ['a value as a date', 429, 'Fri, 27 Nov 2026 08:49:37 canary@acme.example', undefined],
    ['a date as nobody writes it', 429, '2026-11-27T08:49:37Z', undefined],
    ['a number of a person', 429, '34600123123', undefined],
    ['a part of a second', 429, '1.5', undefined],
    ['two times', 429, ['1', '2'], undefined],
    ['no refusal', 200, '120', undefined],
  ])('when to ask again stays with a refusal, and nothing else does: %s', async (_, status, sent, told) => {
    const house = await startHouse({ policies: MASKED }, (_request, response) => {
      response.setHeader('retry-after', sent);
      response.writeHead(status, { 'content-type': 'text/html' }).end('<p>canary</p>');
    });
    const reply = await ask(`${house.url}${READ}`, { headers: ANA });
    expect(reply.status).toBe(status === 429 ? 429 : 502);
    expect(reply.headers['retry-after']).toBe(told);
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

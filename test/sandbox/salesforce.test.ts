import { Connection } from '@jsforce/jsforce-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CANARIES, type Sandbox, STAFF, startSandbox } from '../../src/sandbox/sandbox.ts';

const PEOPLE = 120;
let sandbox: Sandbox;
let connection: Connection;

beforeAll(async () => {
  sandbox = await startSandbox({ crm: 'salesforce', people: PEOPLE, pageSize: 50, canary: 7 });
  connection = new Connection({
    instanceUrl: sandbox.url,
    accessToken: STAFF[0]!.salesforceToken,
    version: '59.0',
  });
});

afterAll(() => sandbox.close());

const text = async (path: string, init: RequestInit = {}): Promise<string> =>
  (await fetch(sandbox.url + path, init)).text();
const bearer = { authorization: `Bearer ${STAFF[0]!.salesforceToken}` };

describe('jsforce reads', () => {
  it('every contact, page by page', async () => {
    const { records } = await connection
      .query('SELECT Id, Email FROM Contact')
      .execute({ autoFetch: true, maxFetch: 1000 });
    expect(records).toHaveLength(PEOPLE);
    expect(records.map((record) => record['Email'])).toEqual(
      sandbox.data.people.map((person) => person.email),
    );
  });

  it('a page that leads to the next', async () => {
    const page = await connection.query('SELECT Id FROM Contact');
    expect(page).toMatchObject({ totalSize: PEOPLE, done: false });
    expect(page.nextRecordsUrl).toMatch(/\/services\/data\/v59\.0\/query\/01g\w{15}-50$/);
    const next = await connection.queryMore(page.nextRecordsUrl!);
    expect(next.records).toHaveLength(50);
  });

  it('parents as nested records with attributes of their own', async () => {
    const { records } = await connection.query(
      'SELECT Name, Account.Name, Account.Owner.Email, Owner.Email FROM Contact LIMIT 1',
    );
    const owner = STAFF[sandbox.data.people[0]!.owner]!;
    expect(records[0]).toMatchObject({
      attributes: { type: 'Contact' },
      Name: `${sandbox.data.people[0]!.firstName} ${sandbox.data.people[0]!.lastName}`,
      Account: { attributes: { type: 'Account' }, Owner: { attributes: { type: 'User' } } },
      Owner: { attributes: { type: 'User' }, Email: owner.email },
    });
  });

  it('children as results inside the record', async () => {
    const { records } = await connection.query(
      'SELECT Id, (SELECT Id, Email FROM Contacts ORDER BY Email) FROM Account WHERE Name != null',
    );
    const children = records.flatMap(
      (record) => (record['Contacts'] as { records: { Email: string }[] } | null)?.records ?? [],
    );
    expect(children).toHaveLength(PEOPLE);
  });

  it('null for parents that are not there', async () => {
    const { records } = await connection.query('SELECT ReportsTo.Email FROM Contact LIMIT 1');
    expect(records[0]?.['ReportsTo']).toBeNull();
  });

  it('one record with compound fields', async () => {
    const [{ Id: id } = {}] = (await connection.query('SELECT Id FROM Contact LIMIT 1')).records;
    const person = sandbox.data.people[0]!;
    expect(await connection.sobject('Contact').retrieve(String(id))).toMatchObject({
      Email: person.email,
      MailingAddress: { city: person.city, street: person.street, latitude: null },
      NIF__c: person.nationalId,
      IBAN__c: person.iban,
    });
  });

  it('who the token belongs to', async () => {
    expect(await connection.identity()).toMatchObject({
      email: 'ana@acme.example',
      username: 'ana@acme.example',
    });
  });

  it('the describe of an object', async () => {
    const { fields, childRelationships } = await connection.sobject('Contact').describe();
    expect(fields.find(({ name }) => name === 'ExternalId__c')).toMatchObject({
      externalId: true,
      custom: true,
    });
    expect(childRelationships.map(({ relationshipName }) => relationshipName)).toContain('Cases');
    expect((await connection.describeGlobal()).sobjects.map(({ name }) => name)).toContain('Lead');
  });

  it('a report with positional cells', async () => {
    const [report] = await connection.analytics.reports();
    const result = await connection.analytics.report(report!.id).execute({ details: true });
    const { rows } = (result.factMap as Record<string, { rows: { dataCells: { value: unknown }[] }[] }>)[
      'T!T'
    ]!;
    expect(rows).toHaveLength(PEOPLE);
    expect(rows[7]!.dataCells.map(({ value }) => value)).toContain(CANARIES.email);
  });
});

describe('jsforce writes', () => {
  it('create, update and delete change what is stored', async () => {
    const contacts = connection.sobject('Contact');
    const created = await contacts.create({
      LastName: 'Żółć',
      Email: 'zolc@example.com',
      NIF__c: '12345678Z',
    });
    expect(created).toMatchObject({ success: true });
    expect(sandbox.data.text()).toContain('zolc@example.com');
    await contacts.update({ Id: created.id!, Email: 'changed@example.com' });
    expect(await contacts.retrieve(created.id!)).toMatchObject({
      Email: 'changed@example.com',
      NIF__c: '12345678Z',
      OwnerId: expect.stringMatching(/^005/),
    });
    expect(sandbox.data.text()).not.toContain('zolc@example.com');
    await contacts.destroy(created.id!);
    await expect(contacts.retrieve(created.id!)).rejects.toMatchObject({ errorCode: 'NOT_FOUND' });
    const bin = await connection.query(`SELECT Id, IsDeleted FROM Contact WHERE Id = '${created.id}'`, {
      scanAll: true,
    });
    expect(bin.records).toMatchObject([{ IsDeleted: true }]);
  });

  it('upsert finds a record by its external id', async () => {
    const contacts = connection.sobject('Contact');
    const first = await contacts.upsert({ ExternalId__c: 'EXT-NEW', LastName: 'One' }, 'ExternalId__c');
    const second = await contacts.upsert({ ExternalId__c: 'EXT-NEW', LastName: 'Two' }, 'ExternalId__c');
    expect(first).toMatchObject({ success: true, created: true });
    expect(second).toMatchObject({ id: first.id, created: false });
    const shown = await connection.request(`/sobjects/Contact/ExternalId__c/EXT-NEW`);
    expect(shown).toMatchObject({ LastName: 'Two' });
    await contacts.destroy(first.id!);
  });

  it('collections save, read and delete many records', async () => {
    const contacts = connection.sobject('Contact');
    const saved = await contacts.create([{ LastName: 'A1' }, { LastName: '' }, { LastName: 'A3' }]);
    expect(saved.map(({ success }) => success)).toEqual([true, false, true]);
    const ids = saved.flatMap(({ id }) => id ?? []);
    expect(await contacts.retrieve(ids)).toMatchObject([{ LastName: 'A1' }, { LastName: 'A3' }]);
    expect((await contacts.destroy(ids)).every(({ success }) => success)).toBe(true);
  });

  it.each([
    ['an unknown field', { LastName: 'X', Nope__c: 1 }, 'INVALID_FIELD'],
    ['a missing required field', { FirstName: 'X' }, 'REQUIRED_FIELD_MISSING'],
    ['a bad e-mail', { LastName: 'X', Email: 'nobody' }, 'INVALID_EMAIL_ADDRESS'],
    ['an external id in use', { LastName: 'X', ExternalId__c: 'EXT-000001' }, 'DUPLICATE_VALUE'],
    ['a computed field', { LastName: 'X', Name: 'Y' }, 'INVALID_FIELD_FOR_INSERT_UPDATE'],
  ])('%s is refused', async (_, record, errorCode) => {
    await expect(connection.sobject('Contact').create(record)).rejects.toMatchObject({ errorCode });
  });

  it('composite runs subrequests and carries values between them', async () => {
    const answer = await connection.requestPost<{
      compositeResponse: { httpStatusCode: number; body: { records: unknown[] } }[];
    }>('/composite', {
      compositeRequest: [
        {
          method: 'GET',
          url: '/services/data/v59.0/sobjects/Contact/ExternalId__c/EXT-000001',
          referenceId: 'one',
        },
        {
          method: 'GET',
          url: "/services/data/v59.0/query?q=SELECT+Email+FROM+Contact+WHERE+Email='@{one.Email}'",
          referenceId: 'two',
        },
      ],
    });
    expect(answer.compositeResponse.map(({ httpStatusCode }) => httpStatusCode)).toEqual([200, 200]);
    expect(answer.compositeResponse[1]!.body.records).toMatchObject([
      { Email: sandbox.data.people[0]!.email },
    ]);
  });
});

describe('the bytes', () => {
  it('lead to the next page by a relative URL', async () => {
    const body = await text('/services/data/v59.0/query?q=SELECT+Id+FROM+Contact', { headers: bearer });
    expect(body).toMatch(
      /^\{"totalSize":\d+,"done":false,"nextRecordsUrl":"\/services\/data\/v59\.0\/query\/01g\w{15}-50",/,
    );
  });

  it('spell numbers as the CRM does', async () => {
    const person = sandbox.data.people[0]!;
    const body = await text(
      '/services/data/v59.0/query?q=SELECT+AnnualIncome__c,CustomerNumber__c+FROM+Contact+LIMIT+1',
      { headers: bearer },
    );
    expect(body).toContain(
      `"AnnualIncome__c":${person.annualIncome},"CustomerNumber__c":${person.customerNumber}`,
    );
  });

  it('keep the spelling of a number that was written', async () => {
    const body = '{"LastName":"Number","CustomerNumber__c":12345678901234567890,"AnnualIncome__c":50000.00}';
    const created = await text('/services/data/v59.0/sobjects/Contact', {
      method: 'POST',
      body,
      headers: { ...bearer, 'content-type': 'application/json' },
    });
    const { id } = JSON.parse(created) as { id: string };
    const shown = await text(
      `/services/data/v59.0/sobjects/Contact/${id}?fields=CustomerNumber__c,AnnualIncome__c`,
      { headers: bearer },
    );
    expect(shown).toContain('"CustomerNumber__c":12345678901234567890,"AnnualIncome__c":50000.00');
    await connection.sobject('Contact').destroy(id);
  });

  it('start every record with its attributes', async () => {
    const body = await text('/services/data/v60.0/query?q=SELECT+Id+FROM+Contact+LIMIT+1', {
      headers: bearer,
    });
    expect(body).toMatch(
      /^\{"totalSize":1,"done":true,"records":\[\{"attributes":\{"type":"Contact","url":"\/services\/data\/v60\.0\/sobjects\/Contact\/003\w{15}"\},"Id":"003\w{15}"\}\]\}$/,
    );
  });

  it('of one record carry validators that a second read matches', async () => {
    const path = '/services/data/v59.0/sobjects/Contact/ExternalId__c/EXT-000002';
    const first = await fetch(sandbox.url + path, { headers: bearer });
    const etag = first.headers.get('etag')!;
    expect(first.headers.get('last-modified')).toMatch(/GMT$/);
    expect((await fetch(sandbox.url + path, { headers: { ...bearer, 'if-none-match': etag } })).status).toBe(
      304,
    );
    const id = ((await first.json()) as { Id: string }).Id;
    const stale = await fetch(`${sandbox.url}/services/data/v59.0/sobjects/Contact/${id}`, {
      method: 'PATCH',
      body: '{"Title":"x"}',
      headers: { ...bearer, 'if-match': '"stale"' },
    });
    expect(stale.status).toBe(412);
  });
});

describe('sessions', () => {
  it.each([[undefined], ['Bearer nobody'], ['Basic YTpi']])('%s is nobody', async (authorization) => {
    const response = await fetch(`${sandbox.url}/services/data/v59.0/sobjects`, {
      headers: authorization ? { authorization } : {},
    });
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual([
      { message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' },
    ]);
  });

  it('log in by password with OAuth and come back with the sandbox as instance', async () => {
    const own = new Connection({
      oauth2: { loginUrl: sandbox.url, clientId: 'app', clientSecret: 'secret' },
      version: '59.0',
    });
    await own.login(STAFF[1]!.email, 'sandbox');
    expect(own.instanceUrl).toBe(sandbox.url);
    expect(await own.identity()).toMatchObject({ email: STAFF[1]!.email });
  });

  it('are refreshed after a revocation', async () => {
    const member = STAFF[2]!;
    const own = new Connection({
      oauth2: { loginUrl: sandbox.url, clientId: 'app', clientSecret: 'secret' },
      instanceUrl: sandbox.url,
      accessToken: member.salesforceToken,
      refreshToken: member.salesforceRefreshToken,
      version: '59.0',
    });
    await fetch(`${sandbox.url}/services/oauth2/revoke`, {
      method: 'POST',
      body: new URLSearchParams({ token: member.salesforceToken }),
    });
    const before = sandbox.requests.length;
    expect((await own.query('SELECT Id FROM User')).totalSize).toBe(STAFF.length);
    const urls = sandbox.requests.slice(before).map(({ method, url }) => `${method} ${url.split('?')[0]}`);
    expect(urls).toEqual([
      'GET /services/data/v59.0/query',
      'POST /services/oauth2/token',
      'GET /services/data/v59.0/query',
    ]);
  });

  it('show what userinfo says', async () => {
    const response = await fetch(`${sandbox.url}/services/oauth2/userinfo`, { headers: bearer });
    expect(await response.json()).toMatchObject({
      preferred_username: 'ana@acme.example',
      user_type: 'STANDARD',
      user_id: expect.stringMatching(/^005/),
    });
  });

  it('refuse a wrong password', async () => {
    const body = new URLSearchParams({
      grant_type: 'password',
      username: STAFF[0]!.email,
      password: 'wrong',
    });
    const response = await fetch(`${sandbox.url}/services/oauth2/token`, { method: 'POST', body });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: 'invalid_grant' });
  });
});

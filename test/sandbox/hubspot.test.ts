import { Client } from '@hubspot/api-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CANARIES, type Sandbox, STAFF, startSandbox } from '../../src/sandbox/sandbox.ts';

const PEOPLE = 130;
let sandbox: Sandbox;
let client: Client;
const headers = { authorization: `Bearer ${STAFF[0]!.hubspotToken}`, 'content-type': 'application/json' };

beforeAll(async () => {
  sandbox = await startSandbox({ crm: 'hubspot', people: PEOPLE, canary: 7, jobPolls: 1 });
  client = new Client({ accessToken: STAFF[0]!.hubspotToken, basePath: sandbox.url });
});

afterAll(() => sandbox.close());

async function get(path: string): Promise<Record<string, unknown>> {
  return (await fetch(sandbox.url + path, { headers })).json() as Promise<Record<string, unknown>>;
}

const search = (request: object) => client.crm.contacts.searchApi.doSearch({ limit: 200, ...request });

describe('the SDK reads', () => {
  it('every contact, page by page', async () => {
    const contacts = await client.crm.contacts.getAll(50, undefined, ['email', 'nif']);
    expect(contacts.map(({ properties }) => properties['email'])).toEqual(
      sandbox.data.people.map(({ email }) => email),
    );
    expect(contacts[7]!.properties).toMatchObject({ nif: CANARIES.nationalId });
  });

  it('default properties when it names none', async () => {
    const page = await client.crm.contacts.basicApi.getPage(1);
    expect(Object.keys(page.results[0]!.properties)).toEqual([
      'createdate',
      'email',
      'firstname',
      'hs_object_id',
      'lastmodifieddate',
      'lastname',
    ]);
    expect(page.paging?.next?.link).toBe(
      `${sandbox.url}/crm/v3/objects/contacts?limit=1&after=${page.paging?.next?.after}`,
    );
  });

  it('a contact by id and by e-mail, with associations and history', async () => {
    const person = sandbox.data.people[0]!;
    const byEmail = await client.crm.contacts.basicApi.getById(
      person.email!,
      ['phone'],
      ['phone'],
      ['companies'],
      false,
      'email',
    );
    expect(byEmail.properties['phone']).toBe(person.phone);
    expect(byEmail.propertiesWithHistory?.['phone']).toMatchObject([
      { value: person.phone, sourceType: 'CRM_UI' },
    ]);
    expect(byEmail.associations?.['companies']?.results).toMatchObject([{ type: 'contact_to_company' }]);
    expect((await client.crm.contacts.basicApi.getById(byEmail.id)).id).toBe(byEmail.id);
  });

  it('derived properties that repeat others', async () => {
    const person = sandbox.data.people[0]!;
    const { properties } = await client.crm.contacts.basicApi.getById(
      person.email!,
      ['hs_email_domain', 'hs_full_name_or_email'],
      undefined,
      undefined,
      false,
      'email',
    );
    expect(properties).toMatchObject({
      hs_email_domain: person.email!.split('@')[1],
      hs_full_name_or_email: `${person.firstName} ${person.lastName}`,
    });
  });

  it('companies, deals, tickets and notes', async () => {
    expect((await client.crm.companies.getAll()).length).toBe(PEOPLE / 5);
    expect((await client.crm.deals.getAll(100, undefined, ['amount']))[0]!.properties['amount']).toMatch(
      /\.00$/,
    );
    expect((await client.crm.tickets.getAll())[0]!.properties['content']).toBe(sandbox.data.people[0]!.notes);
    expect(
      (await client.crm.objects.notes.basicApi.getPage(1, undefined, ['hs_note_body'])).results[0]!
        .properties['hs_note_body'],
    ).toBe(`<p>${sandbox.data.people[0]!.notes}</p>`);
  });

  it('owners and property definitions', async () => {
    expect((await client.crm.owners.ownersApi.getPage()).results.map(({ email }) => email)).toEqual(
      STAFF.map(({ email }) => email),
    );
    const { results } = await client.crm.properties.coreApi.getAll('contacts');
    expect(results.find(({ name }) => name === 'email')).toMatchObject({ hasUniqueValue: true });
  });

  it('associations with numeric ids', async () => {
    const [contact] = (await client.crm.contacts.basicApi.getPage(1)).results;
    const { results } = await client.crm.associations.v4.basicApi.getPage(
      'contacts',
      contact!.id,
      'companies',
    );
    expect(results[0]).toMatchObject({ associationTypes: [{ typeId: 279 }] });
  });
});

describe('paths', () => {
  it.each([
    '/crm/v3/objects/contacts',
    '/crm/objects/2026-03/contacts',
    '/crm/v3/objects/0-1',
    '/crm/v3/objects/contact',
    '/crm/objects/v3/contacts',
  ])('%s lists contacts', async (path) => {
    const { results } = await get(`${path}?limit=2&properties=email`);
    expect(results).toMatchObject([
      { properties: { email: sandbox.data.people[0]!.email } },
      { properties: { email: sandbox.data.people[1]!.email } },
    ]);
  });

  it('link to the public host when there is one', async () => {
    const own = await startSandbox({ crm: 'hubspot', people: 5, publicHost: 'https://api.hubapi.com' });
    const response = await fetch(`${own.url}/crm/v3/objects/contacts?limit=2`, { headers });
    expect(await response.json()).toMatchObject({
      paging: {
        next: {
          link: expect.stringMatching(
            /^https:\/\/api\.hubapi\.com\/crm\/v3\/objects\/contacts\?limit=2&after=\d+$/,
          ),
        },
      },
    });
    await own.close();
  });
});

describe('the SDK writes', () => {
  it('create, update and archive change what is stored', async () => {
    const created = await client.crm.contacts.basicApi.create({
      properties: { email: 'new@example.com', firstname: 'Żaneta' },
      associations: [],
    });
    expect(created.properties).toMatchObject({ email: 'new@example.com', hs_email_domain: 'example.com' });
    const updated = await client.crm.contacts.basicApi.update(created.id, {
      properties: { phone: '+48 601 000 000' },
    });
    expect(updated.properties).toMatchObject({
      phone: '+48 601 000 000',
      hs_searchable_calculated_phone_number: '601000000',
    });
    expect(sandbox.data.text()).toContain('+48 601 000 000');
    await client.crm.contacts.basicApi.archive(created.id);
    await expect(client.crm.contacts.basicApi.getById(created.id)).rejects.toMatchObject({
      code: 404,
      body: { category: 'OBJECT_NOT_FOUND' },
    });
    expect(
      (await client.crm.contacts.basicApi.getById(created.id, undefined, undefined, undefined, true))
        .archived,
    ).toBe(true);
  });

  it('says which contact already has an e-mail', async () => {
    const { email } = sandbox.data.people[0]!;
    const { id } = await client.crm.contacts.basicApi.getById(
      email!,
      undefined,
      undefined,
      undefined,
      false,
      'email',
    );
    await expect(
      client.crm.contacts.basicApi.create({ properties: { email: email! }, associations: [] }),
    ).rejects.toMatchObject({
      code: 409,
      body: { message: `Contact already exists. Existing ID: ${id}`, category: 'CONFLICT' },
    });
  });

  it('refuses unknown and read-only properties', async () => {
    const refused = client.crm.contacts.basicApi.create({
      properties: { nope: 'x', hs_email_domain: 'y' },
      associations: [],
    });
    await expect(refused).rejects.toMatchObject({
      code: 400,
      body: { message: expect.stringMatching(/PROPERTY_DOESNT_EXIST.*READ_ONLY_VALUE/) },
    });
  });

  it('batch create, read, update, upsert and archive', async () => {
    const { batchApi } = client.crm.contacts;
    const made = await batchApi.create({
      inputs: [
        { properties: { email: 'b1@example.com' }, associations: [] },
        { properties: { email: 'b2@example.com' }, associations: [] },
      ],
    });
    const ids = made.results.map(({ id }) => ({ id }));
    const read = await batchApi.read({
      inputs: [...ids, { id: '999999' }],
      properties: ['email'],
      propertiesWithHistory: [],
    });
    expect(read).toMatchObject({
      numErrors: 1,
      results: [{ properties: { email: 'b1@example.com' } }, { properties: { email: 'b2@example.com' } }],
    });
    await batchApi.update({ inputs: ids.map(({ id }) => ({ id, properties: { city: 'Łódź' } })) });
    const upserted = await batchApi.upsert({
      inputs: [
        { id: 'b1@example.com', idProperty: 'email', properties: { city: 'Kraków' } },
        { id: 'b3@example.com', idProperty: 'email', properties: { city: 'Gdańsk' } },
      ],
    });
    expect(upserted.results).toMatchObject([
      { _new: false, properties: { city: 'Kraków' } },
      { _new: true, properties: { email: 'b3@example.com' } },
    ]);
    await batchApi.archive({ inputs: [...ids, { id: upserted.results[1]!.id }] });
    expect((await search({ query: 'b1@example.com' })).total).toBe(0);
  });

  it('merge fills gaps and archives the other', async () => {
    const one = await client.crm.contacts.basicApi.create({
      properties: { email: 'm1@example.com' },
      associations: [],
    });
    const two = await client.crm.contacts.basicApi.create({
      properties: { email: 'm2@example.com', city: 'York' },
      associations: [],
    });
    const merged = await client.apiRequest({
      method: 'POST',
      path: '/crm/v3/objects/contacts/merge',
      body: { primaryObjectId: one.id, objectIdToMerge: two.id },
    });
    expect(await merged.json()).toMatchObject({
      id: one.id,
      properties: { email: 'm1@example.com', city: 'York' },
    });
    await expect(client.crm.contacts.basicApi.getById(two.id)).rejects.toMatchObject({ code: 404 });
  });

  it('gdpr-delete leaves nothing behind', async () => {
    await client.crm.contacts.basicApi.create({
      properties: { email: 'forget.me@example.com' },
      associations: [],
    });
    await client.apiRequest({
      method: 'POST',
      path: '/crm/v3/objects/contacts/gdpr-delete',
      body: { objectId: 'forget.me@example.com', idProperty: 'email' },
    });
    expect(sandbox.data.text()).not.toContain('forget.me@example.com');
  });

  it('associates records', async () => {
    const [contact] = (await client.crm.contacts.basicApi.getPage(1)).results;
    const [deal] = (await client.crm.deals.basicApi.getPage(1)).results;
    const made = await client.crm.associations.v4.basicApi.createDefault(
      'contacts',
      contact!.id,
      'deals',
      deal!.id,
    );
    expect(made.results).toMatchObject([{ associationSpec: { associationTypeId: 4 } }]);
    const { results } = await client.crm.associations.v4.basicApi.getPage('contacts', contact!.id, 'deals');
    expect(results.map(({ toObjectId }) => toObjectId)).toContain(Number(deal!.id));
  });
});

describe('exports', () => {
  it('are a task, its status and a file', async () => {
    const body = JSON.stringify({
      exportType: 'VIEW',
      exportName: 'all',
      format: 'CSV',
      objectType: 'CONTACT',
      objectProperties: ['email', 'nif'],
      language: 'EN',
    });
    const started = await fetch(`${sandbox.url}/crm/v3/exports/export/async`, {
      method: 'POST',
      headers,
      body,
    });
    expect(started.status).toBe(202);
    const { id } = (await started.json()) as { id: string };
    const status = `/crm/v3/exports/export/async/tasks/${id}/status`;
    expect(await get(status)).toMatchObject({ status: 'PROCESSING' });
    const { result } = await get(status);
    const csv = await (await fetch(String(result))).text();
    expect(csv).toMatch(/^"Record ID","email","nif"\n/);
    expect(csv).toContain(`"${CANARIES.email}","${CANARIES.nationalId}"`);
  });
});

describe('tokens', () => {
  it('differ in scopes', async () => {
    expect((await get(`/oauth/v1/access-tokens/${STAFF[3]!.hubspotToken}`))['scopes']).toContain(
      'crm.export',
    );
    expect((await get(`/oauth/v1/access-tokens/${STAFF[0]!.hubspotToken}`))['scopes']).not.toContain(
      'crm.export',
    );
  });

  it('belong to somebody', async () => {
    expect(await client.oauth.accessTokensApi.get(STAFF[1]!.hubspotToken)).toMatchObject({
      user: STAFF[1]!.email,
      tokenType: 'access',
    });
  });

  it('are needed', async () => {
    const response = await fetch(`${sandbox.url}/crm/v3/objects/contacts`);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ status: 'error', category: 'INVALID_AUTHENTICATION' });
  });
});

describe('a portal describes itself', () => {
  it.each([
    ['/crm/v3/properties/contacts/groups', { results: [{ name: 'information' }] }],
    ['/crm/v3/properties/contacts/groups/information', { name: 'information' }],
    ['/crm/v3/pipelines/deals', { results: [{ id: 'default' }] }],
    [
      '/crm/v3/pipelines/deals/default/stages',
      { results: [{ id: 'appointmentscheduled' }, { id: 'closedwon' }] },
    ],
    ['/crm-object-schemas/v3/schemas', { results: [] }],
    ['/crm/v3/schemas/contacts', { objectTypeId: '0-1', name: 'contacts' }],
    ['/crm/v4/associations/contacts/deals/labels', { results: [{ typeId: 4 }] }],
  ])('at %s', async (path, described) => {
    expect(await get(path)).toMatchObject(described);
  });
});

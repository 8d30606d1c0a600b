import { describe, expect, it } from 'vitest';
import { play, refusalOf, type Scene, V59 } from '../fixture.ts';
import { CURRENT, HUBSPOT_ONE, ID, MANY, scene } from './scene.ts';

describe('a new value', () => {
  it.each([
    { Email: 'new@example.com' },
    { Phone: '+34 611 000 000' },
    { FirstName: 'Eva' },
    { Birthdate: '1990-01-01' },
    { Income__c: 60000 },
    { Active__c: false },
    { NIF__c: '87654321X' },
    { Email: null },
    { Email: '' },
    { Description: 'Nothing found' },
  ])('%j passes', async (field) => {
    expect((await play(scene(field))).body).toEqual(field);
  });

  it('passes byte for byte where nothing is taken out', async () => {
    const body = '{ "Income__c" : 60000.00,\t"LastName":"\\u00e9" }';
    expect((await play(scene(body))).text).toBe(body);
  });
});

describe('when what stands there now cannot be read', () => {
  it.each([
    ['the CRM does not answer', undefined],
    ['the answer is something else', { error: 'no' }],
    ['the record is not in the answer', [null]],
    ['the answer is another record', [{ ...CURRENT, Id: '0035g00000BBBBBBBB' }]],
    ['the field is not in the answer', [{ Id: ID }]],
  ])('what could have been shown is refused: %s', async (_, current) => {
    for (const value of [
      { Email: 'a***@example.com' },
      { Birthdate: '1985-01-01' },
      { Created__c: '1985-01-01T00:00:00Z' },
      { Income__c: 52000 },
      { Active__c: null },
      { Email: null },
    ])
      await expect(refusalOf(scene(value, { current }))).resolves.toMatchObject({ policy: 'support' });
  });

  it.each([
    { Email: 'new@example.com' },
    { Birthdate: '1985-07-12' },
    { Income__c: 52001 },
    { Active__c: true },
    { NIF__c: '1' },
    { Description: 'Plain words' },
    { LastName: null },
  ])('what could not passes: %j', async (value) => {
    expect((await play(scene(value, { current: undefined }))).body).toEqual(value);
  });

  it.each([
    ['an upsert by external id', `PATCH ${V59}/sobjects/Contact/Key__c/1`, { Birthdate: '1985-01-01' }],
    [
      'a collection upsert',
      `PATCH ${V59}/composite/sobjects/Contact/Key__c`,
      { records: [{ attributes: { type: 'Contact' }, Birthdate: '1985-01-01' }] },
    ],
  ])('%s is such a case', async (_, request, body) => {
    await expect(refusalOf(scene(body, { request }))).resolves.toMatchObject({ policy: 'support' });
  });
});

describe('a record that is made', () => {
  const request = `POST ${V59}/sobjects/Contact`;

  it.each([
    { Birthdate: '1985-01-01' },
    { Income__c: 52000 },
    { Active__c: null },
    { Email: 'x@example.com' },
  ])('may hold any value: %j', async (value) => {
    const { body, reads } = await play(scene(value, { request }));
    expect(body).toEqual(value);
    expect(reads).toEqual([]);
  });

  it.each([{ Email: 'a***@example.com' }, { FirstName: 'A. M.' }])(
    'may not hold a mask: %j',
    async (value) => {
      await expect(refusalOf(scene(value, { request }))).resolves.toMatchObject({ policy: 'support' });
    },
  );
});

describe('several records at once', () => {
  const OTHER = '0035g00000BBBBBBBB';
  const type = { attributes: { type: 'Contact' } };

  it.each(['Id', 'id', 'ID'])('are each compared with themselves, by their %s', async (id) => {
    const records = [
      { ...type, [id]: ID, Email: 'a***@example.com', LastName: 'A' },
      { ...type, [id]: OTHER, Email: 'b***@example.com', LastName: 'B' },
    ];
    const current = [CURRENT, { Id: OTHER, Email: 'bob@example.com' }];
    const { body, reads } = await play(scene({ records }, { request: MANY, current }));
    expect(body).toEqual({
      records: [
        { ...type, [id]: ID, LastName: 'A' },
        { ...type, [id]: OTHER, LastName: 'B' },
      ],
    });
    expect(reads).toHaveLength(1);
  });

  it('are refused when one says its id twice', async () => {
    const records = [{ ...type, Id: ID, id: OTHER, Email: 'a***@example.com' }];
    await expect(play(scene({ records }, { request: MANY }))).rejects.toMatchObject({
      code: 'REQUEST_MALFORMED',
    });
  });

  it('may not hold the mask of another', async () => {
    const records = [{ ...type, Id: ID, Email: 'b***@example.com' }];
    await expect(refusalOf(scene({ records }, { request: MANY }))).resolves.toMatchObject({
      policy: 'support',
    });
  });

  it('do not lend each other their values', async () => {
    const records = [{ ...type, Id: OTHER, Birthdate: '1985-01-01' }];
    const current = [{ Id: OTHER, Birthdate: '1999-02-03' }];
    const { body } = await play(scene({ records }, { request: MANY, current }));
    expect(body).toEqual({ records });
  });
});

describe('a field that stands twice', () => {
  it('in one spelling is refused', async () => {
    await expect(play(scene('{"Email":"a***@example.com","Email":"x@example.com"}'))).rejects.toMatchObject({
      code: 'BODY_UNREADABLE',
    });
  });

  it('in two spellings is judged twice', async () => {
    const { body } = await play(scene('{"Email":"a***@example.com","email":"x@example.com"}'));
    expect(body).toEqual({ email: 'x@example.com' });
    await expect(
      refusalOf(scene('{"Email":"x@example.com","email":"b***@example.com"}')),
    ).resolves.toMatchObject({
      policy: 'support',
    });
  });
});

describe('HubSpot', () => {
  const hubspot = (body: unknown, over: Partial<Scene> = {}) =>
    scene(body, {
      crm: 'hubspot',
      request: HUBSPOT_ONE,
      current: {
        id: '7',
        properties: { email: 'ana@example.com', birthdate: '1985-07-12', income: '52340' },
      },
      ...over,
    });

  it.each([
    ['a property', { email: 'a***@example.com' }],
    ['a property in another case', { EMAIL: 'a***@example.com' }],
    ['a number in a text', { income: '52000' }],
    ['the same as a number', { income: 52000 }],
    ['a date', { birthdate: '1985-01-01' }],
    ['a date in milliseconds', { birthdate: '473385600000' }],
  ])('takes out %s', async (_, properties) => {
    const { body } = await play(hubspot({ properties: { ...properties, city: 'X' } }));
    expect(body).toEqual({ properties: { city: 'X' } });
  });

  it('compares with the record of the path, whatever id the body says', async () => {
    const properties = { email: 'a***@example.com', city: 'X' };
    const { body, reads } = await play(hubspot({ id: '8', properties }));
    expect(body).toEqual({ id: '8', properties: { city: 'X' } });
    expect(reads).toMatchObject([{ path: '/crm/v3/objects/contacts/7' }]);
  });

  it('reads the record where nothing is left to write, since HubSpot takes no empty update', async () => {
    const properties = { email: 'a***@example.com', income: '52000' };
    const { target, method, text, answer } = await play(hubspot({ properties }));
    expect([method, target, text]).toEqual(['GET', '/crm/v3/objects/contacts/7?properties=email,income', '']);
    const shown = answer({ id: '7', properties: { email: 'ana@example.com', income: '52340' } });
    expect(shown.json()).toEqual({ id: '7', properties });
  });

  it('passes an update that the client has sent without properties', async () => {
    const { method, body } = await play(hubspot({ properties: {} }));
    expect([method, body]).toEqual(['PATCH', { properties: {} }]);
  });

  it('refuses a property that holds others, and members that nobody knows', async () => {
    await expect(
      play(hubspot({ properties: { properties: { email: 'a***@x.com' } } })),
    ).rejects.toMatchObject({
      code: 'BODY_UNREADABLE',
    });
    await expect(play(hubspot({ email: 'a***@x.com' }))).rejects.toMatchObject({ code: 'BODY_UNREADABLE' });
  });

  it('shows of a written record no more than rows allow, but that it was written', async () => {
    const policies = `policy: own\non: { objects: [contacts] }\nrows: record.owner == principal.crmUserId`;
    const current = { results: [{ id: '7', properties: { hubspot_owner_id: '1' } }] };
    const played = await play(
      hubspot({ properties: { city: 'X' } }, { policies, who: { crmUserId: '1' }, current }),
    );
    const answer = played.answer({ id: '7', properties: { city: 'X', email: 'ana@example.com' } });
    expect(answer.json()).toEqual({ id: '7', properties: {} });
  });
});

describe('a body that is not JSON', () => {
  it.each(['application/x-www-form-urlencoded', 'multipart/form-data', 'text/json', '', 'application/xml'])(
    '%j is refused',
    async (contentType) => {
      await expect(play(scene('Email=a***', { contentType }))).rejects.toMatchObject({
        code: 'BODY_UNREADABLE',
      });
    },
  );
});

describe('a record over the limit', () => {
  it('is refused as too large, not as a failure', async () => {
    const body = { Email: 'x'.repeat(2_000) };
    await expect(play(scene(body, { limits: { recordBytesMax: 1_000 } }))).rejects.toMatchObject({
      code: 'REQUEST_TOO_LARGE',
    });
  });
});

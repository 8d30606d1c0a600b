import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { play, refusalOf, type Scene, V59 } from '../fixture.ts';

const ID = '0035g00000AAAAAAAA';
const ONE = `PATCH ${V59}/sobjects/Contact/${ID}`;
const MANY = `PATCH ${V59}/composite/sobjects`;
const HUBSPOT_ONE = 'PATCH /crm/v3/objects/contacts/7';

const MAPS = `
dataMap: salesforce
objects:
  Contact:
    dataSubject: { id: Id, email: Email, phone: Phone }
    owner: OwnerId
    country: MailingCountry
    fields:
      FirstName: identity.name
      Birthdate: identity.birthdate
      Created__c: identity.birthdate
      Income__c: financial.income
      Active__c: financial.account
      NIF__c: identity.national-id
      Zip__c: contact.postal-code
      Description: free-text
      LastName: none
---
dataMap: hubspot
objects:
  contacts:
    dataSubject: { id: hs_object_id, email: email }
    owner: hubspot_owner_id
    fields: { birthdate: identity.birthdate, income: financial.income }
`;
const POLICIES = `
policy: support
for: { roles: [support] }
show:
  contact.email: { mask: email }
  contact.phone: { mask: keep-last, keep: 4 }
  identity.name: { mask: initials }
  identity.birthdate: { generalize: year }
  financial.income: { generalize: range, size: 1000 }
  financial.account: "null"
  identity.national-id: remove
  contact.postal-code: { generalize: prefix, keep: 2 }
  free-text: { scan: [email] }
`;
const CURRENT = {
  Id: ID,
  Email: 'ana@example.com',
  Phone: '+34 600 123 456',
  FirstName: 'Ana María',
  Birthdate: '1985-07-12',
  Created__c: '1985-07-12T10:11:12.000+0000',
  Income__c: 52_340.5,
  Active__c: true,
  NIF__c: '12345678Z',
  Zip__c: '28013',
  Description: 'Write to ana@example.com',
};

function scene(body: unknown, over: Partial<Scene> = {}): Scene {
  return { policies: POLICIES, maps: MAPS, request: ONE, body, current: [CURRENT], ...over };
}

describe('a value equal to what was shown', () => {
  it.each([
    ['a mask', { Email: 'a***@example.com' }],
    ['a mask under a name in another case', { email: 'a***@example.com' }],
    ['the end of a number', { Phone: '*** 456' }],
    ['initials', { FirstName: 'A. M.' }],
    ['a date', { Birthdate: '1985-01-01' }],
    ["a moment in the CRM's spelling", { Created__c: '1985-01-01T00:00:00.000+0000' }],
    ['a moment in another spelling', { Created__c: '1985-01-01T00:00:00Z' }],
    ['a number', { Income__c: 52000 }],
    ['null for a boolean', { Active__c: null }],
    ['a prefix', { Zip__c: '28***' }],
    ['a text with a finding', { Description: 'Write to [email]' }],
  ])('%s is taken out of the request', async (_, field) => {
    const { body } = await play(scene({ LastName: 'X', ...field }));
    expect(body).toEqual({ LastName: 'X' });
  });

  it('numbers compare by value, however they are spelled', async () => {
    const { text } = await play(scene('{"LastName":"X","Income__c":5.2E4}'));
    expect(JSON.parse(text)).toEqual({ LastName: 'X' });
  });

  it('texts compare by their characters, however they are composed', async () => {
    const current = [{ Id: ID, Zip__c: 'é1234' }];
    const { body } = await play(scene({ LastName: 'X', Zip__c: 'e\u03011***' }, { current }));
    expect(body).toEqual({ LastName: 'X' });
  });

  it('is the whole record, as it was read, for any values: writing it back changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          Email: fc.oneof(fc.emailAddress(), fc.string(), fc.constant(null)),
          Phone: fc.oneof(fc.string(), fc.constant(null)),
          FirstName: fc.string(),
          Birthdate: fc.oneof(
            fc
              .date({ min: new Date('1900-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
              .map((date) => date.toISOString().slice(0, 10)),
            fc.constant(null),
          ),
          Income__c: fc.oneof(fc.integer(), fc.constant(null)),
          Active__c: fc.boolean(),
          NIF__c: fc.string(),
          Zip__c: fc.string(),
        }),
        async (values) => {
          const record = { Id: ID, ...values };
          const reading = await play({
            policies: POLICIES,
            maps: MAPS,
            request: `GET ${V59}/sobjects/Contact/${ID}?fields=Id`,
          });
          const read = reading.answer({ attributes: { type: 'Contact' }, ...record }).json() as Record<
            string,
            unknown
          >;
          const { attributes: _, Id: __, ...written } = read;
          const { body } = await play(scene(written, { current: [record] }));
          // What is still there stands there already: nothing was hidden of it, or it is null.
          for (const [field, value] of Object.entries(body as Record<string, unknown>))
            expect(value).toEqual((values as Record<string, unknown>)[field]);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('a value that is neither shown nor whole', () => {
  it.each([
    ['Email', 'b***@example.com'],
    ['email', 'b***@example.com'],
    ['Phone', '***9999'],
    ['FirstName', 'A. X.'],
    ['Zip__c', '29***'],
    ['Description', 'Write to [email] soon'],
  ])('%s: %s is refused by name', async (field, value) => {
    const denial = await refusalOf(scene({ [field]: value }));
    expect(denial).toMatchObject({ policy: 'support', message: expect.stringContaining(field) });
    expect(denial.message).not.toContain(value);
  });
});

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

describe('what was shown in another operation, or for another purpose', () => {
  it.each([
    ['search', 'on: { operations: [search] }', {}],
    ['bulk', 'on: { operations: [bulk] }', {}],
    [
      'another purpose',
      'for: { purposes: [support] }',
      { purposes: ['support', 'billing'], purpose: 'billing' },
    ],
  ])('is kept out of a write too: %s', async (_, where, who) => {
    const policies = `policy: p\n${where}\nshow: { contact.email: { mask: email } }`;
    const { body } = await play(scene({ LastName: 'X', Email: 'a***@example.com' }, { policies, who }));
    expect(body).toEqual({ LastName: 'X' });
    await expect(refusalOf(scene({ Email: 'b***@example.com' }, { policies, who }))).resolves.toMatchObject({
      policy: 'p',
    });
  });
});

describe('a field that is shown by the record', () => {
  const policies = `policy: germans\non: { objects: [Contact], when: 'record.country == "DE"' }\nshow: { contact.email: { mask: email } }`;
  const write = { Email: 'a***@example.com', LastName: 'X' };

  it('is compared as this record shows it', async () => {
    const german = [{ ...CURRENT, MailingCountry: 'DE' }];
    const played = await play(scene(write, { policies, current: german }));
    expect(played.body).toEqual({ LastName: 'X' });
    expect(played.reads[0]?.query).toContainEqual(['fields', expect.stringContaining('MailingCountry')]);
  });

  it("is the writer's to choose where this record shows it clear", async () => {
    const french = [{ ...CURRENT, MailingCountry: 'FR' }];
    expect((await play(scene(write, { policies, current: french }))).body).toEqual(write);
  });

  it('is refused where nobody knows', async () => {
    await expect(refusalOf(scene(write, { policies, current: undefined }))).resolves.toMatchObject({
      policy: 'germans',
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

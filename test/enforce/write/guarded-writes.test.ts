import { describe, expect, it } from 'vitest';
import { createSalesforceAdapter } from '../../../src/crm/salesforce/adapter.ts';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import type { CrmRequest } from '../../../src/model/request.ts';
import { play, refusalOf, type Scene, V59 } from '../fixture.ts';
import { ID } from '../people.ts';

const MAPS = `
dataMap: salesforce
objects:
  Contact:
    country: MailingCountry
    fields: { Phone: contact.phone, MailingCountry: contact.country, Tier__c: none, ExternalId__c: none }
---
dataMap: hubspot
objects:
  contacts: { country: country, fields: { email: contact.email, phone: contact.phone, country: contact.country } }
`;
const POLICIES = `
region: EU
countries: [ES, España, PL]
---
region: UK
countries: [GB]
---
policy: eu-phones-stay
on: { objects: [Contact, contacts], when: record.region == "EU" }
show: { contact.phone: redact }
`;
const LIFTS = {
  policy: 'eu-phones-stay',
  message: 'What you see of this record depends on MailingCountry, so you may not change it to see more.',
};

/** A Salesforce in which record 1 is of Spain, 2 of Britain, 4 of no country; there is no record 3. */
function salesforce({ path, body, query }: CrmRequest): unknown {
  const records = [
    { Id: ID(1), ExternalId__c: 'k1', MailingCountry: 'España', MailingCountryCode: 'ES', Tier__c: 'a' },
    { Id: ID(2), ExternalId__c: 'k2', MailingCountry: 'GB', MailingCountryCode: 'GB', Tier__c: 'a' },
    { Id: ID(4), ExternalId__c: 'k4', MailingCountry: null, MailingCountryCode: null, Tier__c: 'a' },
  ];
  if (!path.endsWith('/query')) {
    const { ids } = JSON.parse(body?.toString() ?? '{}') as { ids: readonly string[] };
    return ids.map((id) => records.find((record) => record.Id === id) ?? null);
  }
  const soql = query.find(([name]) => name === 'q')?.[1] ?? '';
  return { done: true, records: records.filter(({ ExternalId__c: key }) => soql.includes(`'${key}'`)) };
}

/** A HubSpot in which record 1 is of Spain and 2 of Britain. */
function hubspot({ body }: CrmRequest): unknown {
  const { inputs, idProperty } = JSON.parse(body?.toString() ?? '{}') as {
    inputs: readonly { id: string }[];
    idProperty?: string;
  };
  const records = [
    { id: '1', properties: { email: 'one@example.com', country: 'ES' } },
    { id: '2', properties: { email: 'two@example.com', country: 'GB' } },
  ];
  const keyOf = (one: (typeof records)[number]) => (idProperty === 'email' ? one.properties.email : one.id);
  return { results: records.filter((one) => inputs.some(({ id }) => id === keyOf(one))) };
}

const scene = (over: Partial<Scene>): Scene => ({
  policies: POLICIES,
  maps: MAPS,
  answers: salesforce,
  request: '',
  ...over,
});
const update = (index: number, body: object, over: Partial<Scene> = {}): Scene =>
  scene({ request: `PATCH ${V59}/sobjects/Contact/${ID(index)}`, body, ...over });
const upsert = (key: string, body: object): Scene =>
  scene({ request: `PATCH ${V59}/sobjects/Contact/ExternalId__c/${key}`, body });
const collection = (...records: readonly object[]): Scene =>
  scene({
    request: `PATCH ${V59}/composite/sobjects`,
    body: { records: records.map((record) => ({ attributes: { type: 'Contact' }, ...record })) },
  });

describe('what hides something of a record', () => {
  it.each([
    ['by another value', update(1, { MailingCountry: 'GB' })],
    ['by another value, in another spelling', update(1, { mailingCOUNTRY: 'GB' })],
    ['by one that means nothing', update(1, { MailingCountry: 'XX' }), false],
    ['by no value', update(1, { MailingCountry: null }), false],
    ['by the empty one', update(1, { MailingCountry: '' }), false],
    ['by the first of two', update(1, { mailingcountry: 'GB', MailingCountry: 'ES' })],
    ['by the last of two', update(1, { mailingcountry: 'ES', MailingCountry: 'GB' })],
    ['by its code', update(1, { MailingCountryCode: 'GB' })],
    ['where nothing was known', update(4, { MailingCountry: 'GB' })],
    ['by a key', upsert('k1', { MailingCountry: 'GB' })],
    ['among others', collection({ Id: ID(2), Tier__c: 'b' }, { id: ID(1), MailingCountry: 'GB' })],
    ['where the CRM does not tell', update(1, { MailingCountry: 'GB' }, { answers: () => undefined })],
  ])('is not lifted %s', async (_, request, lifts = true) => {
    if (lifts) expect(await refusalOf(request)).toEqual(LIFTS);
    else expect((await play(request)).refusal).toBeUndefined();
  });

  it.each([
    ['the same value', update(1, { MailingCountry: 'España' })],
    ['the same code', update(1, { MailingCountryCode: 'ES' })],
    ['both, of which one is given', update(1, { MailingCountry: 'PL', MailingCountryCode: 'PL' })],
    ['another value of the same meaning', update(1, { MailingCountry: 'PL' })],
    ['another field', update(1, { Tier__c: 'b' })],
    ['a record of which it hides nothing', update(2, { MailingCountry: 'ES' })],
    ['a record that is not there', upsert('k9', { MailingCountry: 'GB' })],
    ['a new one', scene({ request: `POST ${V59}/sobjects/Contact`, body: { MailingCountry: 'GB' } })],
    [
      'each its own',
      collection({ Id: ID(1), MailingCountry: 'España' }, { Id: ID(2), MailingCountry: 'GB' }),
    ],
  ])('does not keep anybody from writing %s', async (_, request) => {
    expect((await play(request)).body).toEqual(request.body);
  });

  it('asks for nothing where no such field is written', async () => {
    expect((await play(update(1, { Tier__c: 'b' }))).reads).toEqual([]);
  });

  it('is lifted by whoever it does not hide anything from', async () => {
    const policies = POLICIES.replace('on: {', 'for: { roles: [partner] }\non: {');
    expect((await play(update(1, { MailingCountry: 'GB' }, { policies }))).reads).toEqual([]);
  });

  it.each([
    ['for another purpose of theirs', 'for: { purposes: [marketing] }', {}],
    ['when it is fetched as a file', '', { operations: '[file]' }],
    ['when it is taken out in bulk', '', { operations: '[bulk]' }],
  ])('is not lifted where it hides %s', async (_, who, on) => {
    const operations = 'operations' in on ? `operations: ${on.operations}, ` : '';
    const policies = POLICIES.replace('on: {', `${who}\non: { ${operations}`);
    const writer = { purposes: ['support', 'marketing'], purpose: 'support' };
    const request = update(1, { MailingCountry: 'GB' }, { policies, who: writer });
    expect(await refusalOf(request)).toEqual(LIFTS);
  });

  it.each([
    ['rows, of a record of their own', 'rows: record.Tier__c == "a"'],
    ['what treats no field of it', 'show: { health.diagnosis: redact }'],
  ])('is no condition of %s', async (_, effect) => {
    const policies = POLICIES.replace('objects: [Contact, contacts], ', '').replace(/show: .*/, effect);
    const maps = `${MAPS}---
dataMap: salesforce
objects: { Case: { fields: { Diagnosis__c: health.diagnosis } } }
`;
    const request = update(1, { MailingCountry: 'GB' }, { policies, maps });
    expect((await play(request)).refusal).toBeUndefined();
  });

  it.each(['file', 'bulk'])('is not lifted where rows keep it from %s alone', async (kind) => {
    const policies = POLICIES.replace(
      /on: \{ .*/,
      `on: { objects: [Contact], operations: [${kind}] }`,
    ).replace(/show: .*/, 'rows: record.region != "EU"');
    expect(await refusalOf(update(1, { MailingCountry: 'GB' }, { policies }))).toEqual(LIFTS);
    for (const request of [update(1, { MailingCountry: 'PL' }), update(2, { MailingCountry: 'ES' })])
      expect((await play({ ...request, policies })).refusal).toBeUndefined();
  });

  it('is lifted in observe mode, and it is said what would have been', async () => {
    const { refusal, body } = await play(update(1, { MailingCountry: 'GB' }, { mode: 'observe' }));
    expect([refusal, body]).toEqual(['eu-phones-stay', { MailingCountry: 'GB' }]);
  });
});

describe('in HubSpot', () => {
  const GB = { country: 'GB' };
  const write = (request: string, body: object): Scene =>
    scene({ crm: 'hubspot', answers: hubspot, request, body });
  const batch = (...inputs: readonly object[]): Scene =>
    write('POST /crm/v3/objects/contacts/batch/update', { inputs });

  it.each([
    ['an update', write('PATCH /crm/v3/objects/contacts/1', { properties: GB })],
    ['an update by type id', write('PATCH /crm/v3/objects/0-1/1', { properties: GB })],
    [
      'an update by address',
      write('PATCH /crm/v3/objects/contacts/one%40example.com?idProperty=email', { properties: GB }),
    ],
    [
      'an update by address that names another id',
      write('PATCH /crm/v3/objects/contacts/one%40example.com?idProperty=email', { id: '2', properties: GB }),
    ],
    ['a batch', batch({ id: '2', properties: {} }, { id: '1', properties: GB })],
    ['a batch by address', batch({ id: 'one@example.com', idProperty: 'email', properties: GB })],
    [
      'a batch in which an id is said to be a value as well',
      batch({ id: '1', properties: GB }, { id: '1', idProperty: 'email', properties: {} }),
    ],
    [
      'a batch of upserts',
      write('POST /crm/v3/objects/contacts/batch/upsert', {
        inputs: [{ id: 'one@example.com', idProperty: 'email', properties: GB }],
      }),
    ],
    [
      'a mail that writes into the contact',
      write('POST /marketing/v4/email/single-send', {
        emailId: 4,
        message: { to: 'one@example.com' },
        contactProperties: GB,
      }),
    ],
  ])('is not lifted by %s', async (_, request) => {
    expect((await refusalOf(request)).message).toContain('depends on country');
  });

  it('is not lifted by a merge with a record of which it hides nothing', async () => {
    const merge = (primaryObjectId: string, objectIdToMerge: string) =>
      write('POST /crm/v3/objects/contacts/merge', { primaryObjectId, objectIdToMerge });
    const message = 'Different fields of these records are hidden from you, so you may not merge them.';
    for (const request of [merge('1', '2'), merge('2', '1'), merge('2', '9')])
      expect(await refusalOf(request)).toEqual({ policy: 'eu-phones-stay', message });
    expect((await play(merge('1', '9'))).refusal).toBeUndefined();
  });

  it.each([
    ['a batch of what stands there', batch({ id: '1', properties: { country: 'ES' } })],
    ['a batch of a record of which it hides nothing', batch({ id: '2', properties: { country: 'PL' } })],
    ['a record that is made', write('POST /crm/v3/objects/contacts', { properties: GB })],
  ])('does not keep anybody from %s', async (_, request) => {
    expect((await play(request)).body).toEqual(request.body);
  });
});

describe('the field that Salesforce changes along with another', () => {
  const { twinOf } = createSalesforceAdapter(DEFAULT_LIMITS);
  it.each([
    ['MailingCountry', 'MailingCountryCode'],
    ['BillingStateCode', 'BillingState'],
    ['Email', undefined],
    ['Promo_Code', undefined],
  ])('of %s is %s', (field, twin) => {
    expect(twinOf?.(field)).toBe(twin);
  });
});

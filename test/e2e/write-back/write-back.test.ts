import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hubspotClient, salesforceClient } from '../clients.ts';
import { HUBSPOT_FIELDS, SALESFORCE_FIELDS } from '../expected.ts';
import { openPremises, type Premises } from '../house.ts';
import { PRINCIPALS } from '../principals.ts';
import { send } from '../wire.ts';

/** Twenty digits are more than a client's own numbers can hold. */
const WRITABLE = SALESFORCE_FIELDS.filter((name) => name !== 'CustomerNumber__c');

let premises: Premises;
let contactIds: string[];
let propertiesIds: string[];

beforeAll(async () => {
  premises = await openPremises({
    config: 'test/e2e/company/config.yaml',
    sandbox: { people: 20, canary: 3 },
  });
  contactIds = premises.salesforce.data.records('Contact').map((record) => String(record['Id']));
  propertiesIds = premises.hubspot.data.records('contacts').map((record) => String(record['id']));
});

afterAll(() => premises.close());

type Fields = Readonly<Record<string, unknown>>;

const without = (record: Fields, names: readonly string[]): Fields =>
  Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));

/** A record without what the CRM itself changes at every write. */
function lasting(record: Fields): Fields {
  const stamps = ['LastModifiedDate', 'LastModifiedById', 'SystemModstamp', 'updatedAt', 'history'];
  const { properties } = record;
  const rest = without(record, stamps);
  if (properties === undefined) return structuredClone(rest);
  return structuredClone({ ...rest, properties: without(properties as Fields, ['lastmodifieddate']) });
}

const stored = {
  salesforce: () => premises.salesforce.data.records('Contact').map(lasting),
  hubspot: () => premises.hubspot.data.records('contacts').map(lasting),
};

describe('support, through jsforce', () => {
  let before: unknown;
  const contacts = () => salesforceClient(premises.proxy, PRINCIPALS.support).sobject('Contact');
  /** What an edit form sends back: all that it was shown, but for what nobody may write. */
  const shown = async (id: string): Promise<Record<string, unknown> & { Id: string }> => {
    const record = await contacts().retrieve(id, { fields: WRITABLE });
    return { ...without(record, ['attributes']), Id: id };
  };

  beforeEach(() => {
    before = stored.salesforce();
  });

  it('saves every record as it was shown, and nothing changes', async () => {
    for (const id of contactIds) {
      expect(await contacts().update(await shown(id))).toMatchObject({ success: true });
    }
    expect(stored.salesforce()).toEqual(before);
  });

  it('saves many records at once as they were shown, and nothing changes', async () => {
    const records = await Promise.all(contactIds.map(shown));
    const saved = await contacts().update(records);
    expect(saved.map(({ success }) => success)).toEqual(contactIds.map(() => true));
    expect(stored.salesforce()).toEqual(before);
  });

  it.each([
    ['one by one', 1],
    ['at once', 20],
  ])('saves records as they were shown by a key, %s, and nothing changes', async (_, count) => {
    const keys = premises.salesforce.data.records('Contact').map((record) => String(record['ExternalId__c']));
    const records = await Promise.all(
      contactIds.map(async (id, index) => ({
        ...without(await shown(id), ['Id']),
        ExternalId__c: keys[index],
      })),
    );
    for (let index = 0; index < records.length; index += count) {
      const some = records.slice(index, index + count);
      const saved = await contacts().upsert(count === 1 ? some[0]! : some, 'ExternalId__c');
      expect([saved].flat().filter(({ success }) => !success)).toEqual([]);
    }
    expect(stored.salesforce()).toEqual(before);
  });

  it('is refused a half-edited mask by a key, and makes a record under a new one', async () => {
    const [record] = premises.salesforce.data.records('Contact');
    const upsert = (key: unknown, Email: string) =>
      contacts().upsert({ ExternalId__c: String(key), LastName: 'By key', Email }, 'ExternalId__c');
    await expect(upsert(record?.['ExternalId__c'], 'ana***@example.com')).rejects.toMatchObject({
      message: expect.stringContaining('Email'),
    });
    expect(stored.salesforce()).toEqual(before);
    expect(await upsert('a new key', 'by-key@example.com')).toMatchObject({ success: true });
    expect(stored.salesforce().at(-1)).toMatchObject({ Email: 'by-key@example.com' });
  });

  it('saves one new value among masks, and only that changes', async () => {
    const [id] = contactIds;
    await contacts().update({ ...(await shown(id!)), Title: 'Chief' });
    expect(stored.salesforce()).toEqual(
      (before as object[]).map((record, index) => (index === 0 ? { ...record, Title: 'Chief' } : record)),
    );
  });

  it.each([
    ['Email', 'ana***@example.com'],
    ['Phone', '***12345'],
    ['MailingStreet', '[redacted] 5'],
    ['MailingPostalCode', '28***1'],
    ['Description', 'Ring [phone] on Monday'],
  ])('is refused a half-edited mask in %s, by name', async (field, value) => {
    const update = contacts().update({ Id: contactIds[0]!, [field]: value });
    await expect(update).rejects.toMatchObject({
      errorCode: 'INSUFFICIENT_ACCESS_OR_READONLY',
      message: expect.stringContaining(field),
    });
    expect(stored.salesforce()).toEqual(before);
  });

  it('is refused a half-edited mask among many records', async () => {
    const records = await Promise.all(contactIds.slice(0, 3).map(shown));
    const edited = records.map((record, index) => (index === 1 ? { ...record, Email: 'a***@b***' } : record));
    await expect(contacts().update(edited)).rejects.toMatchObject({
      message: expect.stringContaining('Email'),
    });
    expect(stored.salesforce()).toEqual(before);
  });

  it('is refused another record’s mask', async () => {
    const [one, other] = await Promise.all(contactIds.slice(4, 6).map(shown));
    const update = contacts().update({ Id: one!.Id, MobilePhone: String(other!['MobilePhone']) });
    await expect(update).rejects.toMatchObject({ message: expect.stringContaining('MobilePhone') });
    expect(stored.salesforce()).toEqual(before);
  });

  it('writes new values into masked fields', async () => {
    const values = { Email: 'new@example.com', Birthdate: '1999-09-09', NIF__c: '12345678Z' };
    await contacts().update({ Id: contactIds[1]!, ...values });
    expect(premises.salesforce.data.records('Contact')[1]).toMatchObject(values);
  });

  it('creates records whole', async () => {
    const values = { LastName: 'New', Email: 'whole@example.com', Birthdate: '1990-01-01' };
    const { id } = await contacts().create(values);
    expect(premises.salesforce.data.records('Contact').find((record) => record['Id'] === id)).toMatchObject(
      values,
    );
  });
});

/** May upload, and sees bank accounts and special categories as little as everybody else. */
describe('an export officer, through uploads', () => {
  let before: ReturnType<typeof stored.salesforce>;
  const officer = () => salesforceClient(premises.proxy, PRINCIPALS.exportOfficer);
  const load = (
    operation: 'insert' | 'update' | 'upsert',
    input: readonly Record<string, string>[],
    externalIdFieldName?: string,
  ) =>
    officer().bulk2.loadAndWaitForResults({
      object: 'Contact',
      operation,
      input: [...input],
      pollInterval: 50,
      ...(externalIdFieldName === undefined ? {} : { externalIdFieldName }),
    });
  const own = (index: number, name: string): string => String(before[index]![name]);

  /** Without those that others have made. */
  const now = () => stored.salesforce().slice(0, contactIds.length);

  beforeEach(() => {
    before = now();
  });

  it('saves columns that are shown clear', async () => {
    const rows = contactIds.map((id, index) => ({ Id: id, Title: `Title ${index}` }));
    expect((await load('update', rows)).failedResults).toEqual([]);
    expect(now().map((record) => record['Title'])).toEqual(rows.map(({ Title }) => Title));
  });

  it.each([
    ['their ids', 'Id', 'update', undefined],
    ['a key', 'ExternalId__c', 'upsert', 'ExternalId__c'],
  ] as const)(
    'saves rows as they were shown, by %s, and nothing of what is hidden changes',
    async (...how) => {
      const [, name, does, key] = how;
      const rows = before.map((record) => ({
        [name]: String(record[name]),
        IBAN__c: record['IBAN__c'] === null ? '' : '[redacted]',
        Title: 'As shown',
      }));
      expect((await load(does, rows, key)).failedResults).toEqual([]);
      expect(now()).toEqual(before.map((record) => ({ ...record, Title: 'As shown' })));
    },
  );

  it('writes new values into columns that are hidden, and empties them', async () => {
    const rows = ['ES9121000418450200051332', '#N/A'].map((IBAN__c, index) => ({
      Id: own(index, 'Id'),
      IBAN__c,
    }));
    await load('update', rows);
    expect(now()[0]!['IBAN__c']).toBe('ES9121000418450200051332');
  });

  it('is refused a half-edited mask, by name, and none of it is done', async () => {
    const rows = [
      { Id: own(2, 'Id'), IBAN__c: '', Title: 'X' },
      { Id: own(3, 'Id'), IBAN__c: '[redacted] 5', Title: 'X' },
    ];
    await expect(load('update', rows)).rejects.toThrow(
      'The value written to IBAN__c looks like an edited mask',
    );
    expect(now()).toEqual(before);
  });

  it('is refused it within an upload of known length that is still arriving, as by any other', async () => {
    const asked = { token: PRINCIPALS.exportOfficer, path: '/services/data/v59.0/jobs/ingest' };
    const made = await send(premises.proxy, {
      ...asked,
      method: 'POST',
      body: JSON.stringify({ object: 'Contact', operation: 'update', contentType: 'CSV', lineEnding: 'LF' }),
    });
    const { id } = JSON.parse(made.text) as { id: string };
    const rows = `${own(3, 'Id')},[redacted] 5\n`.repeat(200_000);
    const refused = await send(premises.proxy, {
      ...asked,
      method: 'PUT',
      path: `${asked.path}/${id}/batches`,
      headers: { 'content-type': 'text/csv' },
      body: `Id,IBAN__c\n${rows}`,
    });
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('The value written to IBAN__c looks like an edited mask');
    expect(now()).toEqual(before);
  });
});

describe('support, through the HubSpot client', () => {
  let before: unknown;
  const contacts = () => hubspotClient(premises.hubspotProxy, PRINCIPALS.support).crm.contacts;
  const shown = async (id: string): Promise<Record<string, string>> => {
    const { properties } = await contacts().basicApi.getById(id, [...HUBSPOT_FIELDS]);
    // The vendor's types know no null; the wire does.
    return without(properties, ['createdate', 'hs_object_id', 'lastmodifieddate']) as Record<string, string>;
  };

  beforeEach(() => {
    before = stored.hubspot();
  });

  it('saves every record as it was shown, and nothing changes', async () => {
    for (const id of propertiesIds) await contacts().basicApi.update(id, { properties: await shown(id) });
    expect(stored.hubspot()).toEqual(before);
  });

  it('saves a record of masks alone, which HubSpot would refuse as one without properties', async () => {
    const [id = ''] = propertiesIds;
    const { email = '', phone = '' } = await shown(id);
    const saved = await contacts().basicApi.update(id, { properties: { email, phone } });
    expect(saved).toMatchObject({ id, properties: { email, phone } });
    expect(stored.hubspot()).toEqual(before);
    const nothing = contacts().basicApi.update(id, { properties: {} });
    await expect(nothing).rejects.toThrow('No properties found to update');
  });

  it('saves many records at once as they were shown, and nothing changes', async () => {
    const inputs = await Promise.all(propertiesIds.map(async (id) => ({ id, properties: await shown(id) })));
    const { results } = await contacts().batchApi.update({ inputs });
    expect(results).toHaveLength(propertiesIds.length);
    expect(stored.hubspot()).toEqual(before);
  });

  it('saves records of masks alone among others, which HubSpot takes in a batch', async () => {
    const ids = propertiesIds.slice(0, 3);
    const inputs = await Promise.all(
      ids.map(async (id, index) => {
        const { email = '', phone = '' } = await shown(id);
        return { id, properties: { email, phone, ...(index === 1 ? { jobtitle: 'Among masks' } : {}) } };
      }),
    );
    const { results, status } = await contacts().batchApi.update({ inputs });
    expect([status, results]).toMatchObject(['COMPLETE', inputs]);
    const changed = structuredClone(before) as { properties: Record<string, unknown> }[];
    changed[1]!.properties['jobtitle'] = 'Among masks';
    expect(stored.hubspot()).toEqual(changed);
  });

  it('saves records as they were shown by a property with unique values, and nothing changes', async () => {
    const records = premises.hubspot.data.records('contacts');
    const keyOf = (index: number): string =>
      String((records[index]?.['properties'] as Fields | undefined)?.['external_id']);
    const inputs = await Promise.all(
      propertiesIds.map(async (id, index) => ({
        id: keyOf(index),
        idProperty: 'external_id',
        properties: await shown(id),
      })),
    );
    for (const { id, idProperty, properties } of inputs.slice(0, 3)) {
      await contacts().basicApi.update(id, { properties }, idProperty);
    }
    expect((await contacts().batchApi.update({ inputs })).results).toHaveLength(propertiesIds.length);
    expect((await contacts().batchApi.upsert({ inputs })).results).toHaveLength(propertiesIds.length);
    expect(stored.hubspot()).toEqual(before);
  });

  it('is shown masks in the answer to a write', async () => {
    const { properties } = await contacts().basicApi.update(propertiesIds[2]!, {
      properties: { jobtitle: 'Chief' },
    });
    const person = premises.hubspot.data.people[2]!;
    expect(properties['jobtitle']).toBe('Chief');
    expect(properties['mobilephone']).toBe(`***${person.mobile.slice(-4)}`);
    expect(properties).not.toHaveProperty('nif');
  });

  it.each([
    ['email', 'ana***@example.com'],
    ['phone', '***12345'],
    ['address', '[redacted] 5'],
    ['message', 'Ring [phone] on Monday'],
  ])('is refused a half-edited mask in %s, by name', async (property, value) => {
    const update = contacts().basicApi.update(propertiesIds[0]!, { properties: { [property]: value } });
    await expect(update).rejects.toMatchObject({
      code: 403,
      body: { status: 'error', category: 'MISSING_SCOPES', message: expect.stringContaining(property) },
    });
    expect(stored.hubspot()).toEqual(before);
  });

  it('is refused a half-edited mask among many records', async () => {
    const inputs = await Promise.all(
      propertiesIds.slice(0, 3).map(async (id) => ({ id, properties: await shown(id) })),
    );
    inputs[1]!.properties['email'] = 'a***@b***';
    await expect(contacts().batchApi.update({ inputs })).rejects.toMatchObject({ code: 403 });
    expect(stored.hubspot()).toEqual(before);
  });

  it('writes new values into masked properties', async () => {
    const properties = { email: 'new@example.com', date_of_birth: '1999-09-09', nif: '12345678Z' };
    await contacts().basicApi.update(propertiesIds[1]!, { properties });
    expect(premises.hubspot.data.records('contacts')[1]).toMatchObject({ properties });
  });
});

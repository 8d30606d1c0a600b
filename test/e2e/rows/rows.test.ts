import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hubspotClient, salesforceClient } from '../clients.ts';
import { openPremises, type Premises } from '../house.ts';
import { PRINCIPALS, REP, REP_HUBSPOT_ID, REP_SALESFORCE_ID } from '../principals.ts';
import { send } from '../wire.ts';

let premises: Premises;
/** Contacts in both CRMs are in the order of the people. */
let own: readonly number[];
let others: readonly number[];

beforeAll(async () => {
  premises = await openPremises({
    config: 'test/e2e/company/config.yaml',
    sandbox: { people: 90, pageSize: 10 },
  });
  const { people } = premises.salesforce.data;
  own = people.flatMap(({ owner }, index) => (owner === REP ? [index] : []));
  others = people.flatMap(({ owner }, index) => (owner === REP ? [] : [index]));
});

afterAll(() => premises.close());

const salesforceId = (index: number) => String(premises.salesforce.data.records('Contact')[index]!['Id']);
const hubspotId = (index: number) => String(premises.hubspot.data.records('contacts')[index]!['id']);

describe('a sales representative, through jsforce', () => {
  const client = () => salesforceClient(premises.proxy, PRINCIPALS.salesforceRep);
  const all = (soql: string) => client().query(soql).execute({ autoFetch: true, maxFetch: 1000 });

  it('pages through their own contacts, with totals and pages of those alone', async () => {
    const asked = premises.salesforce.requests.length;
    const { records, totalSize } = await all('SELECT Id, LastName FROM Contact ORDER BY ExternalId__c');
    expect(own.length).toBeGreaterThan(10);
    expect(totalSize).toBe(own.length);
    expect(records.map((record) => record['Id'])).toEqual(own.map(salesforceId));
    expect(records.every((record) => !('OwnerId' in record))).toBe(true);
    expect(premises.salesforce.requests.length - asked).toBe(Math.ceil(own.length / 10));
  });

  it('counts their own contacts', async () => {
    expect(await client().query('SELECT COUNT() FROM Contact')).toMatchObject({ totalSize: own.length });
    const { records } = await client().query('SELECT OwnerId, COUNT(Id) n FROM Contact GROUP BY OwnerId');
    expect(records).toMatchObject([{ OwnerId: REP_SALESFORCE_ID, n: own.length }]);
  });

  it('keeps no copy of other people’s contacts up to date', async () => {
    const contacts = client().sobject('Contact');
    await expect(contacts.updated('2020-01-01T00:00:00Z', '2030-01-01T00:00:00Z')).rejects.toThrow(/updated/);
    await expect(client().request('/limits/recordCount?sObjects=Account,Contact')).rejects.toThrow(/Contact/);
    expect(await client().request('/limits/recordCount?sObjects=Account')).toMatchObject({
      sObjects: [{ name: 'Account' }],
    });
  });

  it('finds none but their own among the children of accounts', async () => {
    const { records } = await all('SELECT Id, (SELECT Id FROM Contacts) FROM Account');
    const children = records.flatMap(
      (record) => (record['Contacts'] as { records: { Id: string }[] } | null)?.records ?? [],
    );
    expect(children.map(({ Id }) => Id).sort()).toEqual(own.map(salesforceId).sort());
  });

  it('sees a case whose contact is somebody else’s without the contact', async () => {
    const { records } = await all('SELECT ContactId, Contact.LastName, Owner.Name FROM Case');
    const ids = new Set(own.map(salesforceId));
    for (const record of records) {
      expect(record['Contact'] !== null).toBe(ids.has(String(record['ContactId'])));
      expect(record['Owner']).toMatchObject({ Name: expect.any(String) });
    }
  });

  it('sees a task about somebody else’s contact without the name', async () => {
    const { records } = await all('SELECT WhoId, Who.Name FROM Task');
    expect(records.length).toBeGreaterThan(5);
    for (const record of records) expect(record['Who']).toBeNull();
  });

  it('reads one of their own, and is denied another', async () => {
    const contacts = client().sobject('Contact');
    const mine = await contacts.retrieve(salesforceId(own[0]!), { fields: ['LastName'] });
    expect(mine['LastName']).toBe(premises.salesforce.data.people[own[0]!]!.lastName);
    await expect(contacts.retrieve(salesforceId(others[0]!))).rejects.toMatchObject({
      errorCode: 'INSUFFICIENT_ACCESS_OR_READONLY',
    });
  });

  it.each([
    "SELECT COUNT() FROM Case WHERE Contact.LastName LIKE 'A%'",
    "SELECT Id FROM Case WHERE Contact.LastName LIKE 'A%'",
    'SELECT Id FROM Task ORDER BY Who.Name',
    'SELECT MAX(Contact.LastName) FROM Case',
  ])('is denied what would tell of others: %s', async (soql) => {
    await expect(client().query(soql)).rejects.toMatchObject({
      errorCode: 'INSUFFICIENT_ACCESS_OR_READONLY',
      message: expect.stringContaining('reps-see-their-own'),
    });
  });
});

it('a sales representative is not told that contacts were deleted, and the privacy officer is', async () => {
  const ids = [own.at(-1)!, others.at(-1)!].map(salesforceId);
  const deleted = (token: string) =>
    salesforceClient(premises.proxy, token)
      .sobject('Contact')
      .deleted('2020-01-01T00:00:00Z', '2030-01-01T00:00:00Z');
  await salesforceClient(premises.proxy, PRINCIPALS.privacyOfficer).sobject('Contact').destroy(ids);
  const { deletedRecords } = await deleted(PRINCIPALS.privacyOfficer);
  expect(deletedRecords.map(({ id }) => id).sort()).toEqual(ids.toSorted());
  expect(await deleted(PRINCIPALS.salesforceRep)).toMatchObject({ deletedRecords: [] });
});

describe('a sales representative, through the HubSpot client', () => {
  const contacts = () => hubspotClient(premises.hubspotProxy, PRINCIPALS.hubspotRep).crm.contacts;

  it('pages through a list and finds their own contacts in it', async () => {
    const ids: string[] = [];
    let after: string | undefined;
    do {
      const page = await contacts().basicApi.getPage(10, after, ['lastname']);
      ids.push(...page.results.map(({ id }) => id));
      for (const { properties } of page.results) expect(properties).not.toHaveProperty('hubspot_owner_id');
      after = page.paging?.next?.after;
    } while (after !== undefined);
    expect(ids).toEqual(own.map(hubspotId));
  });

  it('searches their own contacts, with the total of those alone', async () => {
    const { total, results } = await contacts().searchApi.doSearch({
      limit: 100,
      properties: ['hubspot_owner_id'],
    });
    expect(total).toBe(own.length);
    expect(results.map(({ properties }) => properties['hubspot_owner_id'])).toEqual(
      own.map(() => REP_HUBSPOT_ID),
    );
  });

  it('reads one of their own, and is denied another', async () => {
    expect((await contacts().basicApi.getById(hubspotId(own[0]!), ['lastname'])).id).toBe(hubspotId(own[0]!));
    await expect(contacts().basicApi.getById(hubspotId(others[0]!))).rejects.toMatchObject({ code: 403 });
  });

  it('reads many at once and gets their own', async () => {
    const inputs = [...own.slice(0, 3), ...others.slice(0, 3)].map((index) => ({ id: hubspotId(index) }));
    const { results } = await contacts().batchApi.read({
      inputs,
      properties: ['lastname'],
      propertiesWithHistory: [],
    });
    expect(results.map(({ id }) => id).sort()).toEqual(own.slice(0, 3).map(hubspotId).sort());
  });

  it('is told of associations with nobody else’s, and of none but their own', async () => {
    const asked = (path: string) =>
      send(premises.hubspotProxy, { token: PRINCIPALS.hubspotRep, path: `/crm/v3/objects/${path}` });
    const companies = JSON.parse((await asked('companies?limit=100&associations=contacts')).text) as {
      results: { associations?: { contacts?: { results: { id: string }[] } } }[];
    };
    const ids = companies.results.flatMap(({ associations }) => associations?.contacts?.results ?? []);
    expect(companies.results.length).toBeGreaterThan(0);
    expect(ids.filter(({ id }) => !own.map(hubspotId).includes(id))).toEqual([]);
    const of = (index: number) => asked(`contacts/${hubspotId(index)}/associations/companies`);
    expect([(await of(own[0]!)).status, (await of(others[0]!)).status]).toEqual([200, 403]);
  });
});

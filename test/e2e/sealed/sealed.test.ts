import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hubspotClient, salesforceClient } from '../clients.ts';
import { type OpenHouse, openHouseWith } from '../house.ts';
import { PRINCIPALS } from '../principals.ts';
import { append, event, openRegistrySurroundings, type RegistrySurroundings } from '../require/registry.ts';
import { send } from '../wire.ts';

const CONFIG = 'test/e2e/sealed/config.yaml';
const V = '/services/data/v59.0';
const TOKEN = /^pvt1_[a-z2-7]{26}@token\.invalid$/;

const AGREED = { name: 'Agreed', email: 'agreed@acme.example', phone: '+34600000001' };
const WITHDRAWN = { name: 'Withdrawn', email: 'withdrawn@acme.example', phone: '+34600000002' };
/** Withdrew by telephone. */
const CALLED = { name: 'Called', email: 'called@acme.example', phone: '+34600000003' };
const RESTRICTED = { name: 'Restricted', email: 'restricted@acme.example', phone: '+34600000004' };
const EVERYBODY = [AGREED, WITHDRAWN, CALLED, RESTRICTED];
const LEAVING = { name: 'Leaving', email: 'leaving@acme.example', phone: '+34600000005' };

describe('people of whose addresses the CRM keeps tokens', () => {
  let around: RegistrySurroundings;
  let house: OpenHouse;
  const ids = new Map<string, string>();

  beforeAll(async () => {
    around = await openRegistrySurroundings({ sandbox: { people: 3 } });
    await append(CONFIG, around.environment, [
      event('withdrawn', { email: WITHDRAWN.email }, 'marketing.email'),
      event('withdrawn', { phone: CALLED.phone }, 'marketing.email'),
      event('restricted', { email: RESTRICTED.email }),
    ]);
    house = await openHouseWith(CONFIG, around.environment);
    for (const { name, email, phone } of [...EVERYBODY, LEAVING]) {
      const { id } = await salesforce('privacyOfficer')
        .sobject('Contact')
        .create({ LastName: name, Email: email, Phone: phone, ExternalId__c: `key ${name}` });
      ids.set(name, String(id));
      const properties = { lastname: name, email, phone, hs_email_optout: 'false' };
      await hubspot('privacyOfficer').crm.contacts.basicApi.create({ properties, associations: [] });
    }
  });

  afterAll(async () => {
    await house.closeHouse();
    await around.close();
  });

  const salesforce = (who: keyof typeof PRINCIPALS) => salesforceClient(house.proxy, PRINCIPALS[who]);
  const hubspot = (who: keyof typeof PRINCIPALS) => hubspotClient(house.hubspotProxy, PRINCIPALS[who]);
  const NAMES = EVERYBODY.map(({ name }) => `'${name}'`).join(', ');
  const mail = (to: object) =>
    salesforce('marketing').requestPost(`${V}/actions/standard/emailSimple`, {
      inputs: [{ ...to, emailSubject: 'Spring', emailBody: 'Hello' }],
    });

  it('are kept as tokens', () => {
    for (const records of [
      around.salesforce.data.records('Contact'),
      around.hubspot.data.records('contacts'),
    ])
      expect(JSON.stringify(records)).not.toMatch(/(agreed|withdrawn|restricted)@acme/i);
  });

  it('are known by them all the same in Salesforce, and their addresses are shown to nobody by that', async () => {
    const { records } = await salesforce('marketing').query(
      `SELECT LastName, Email FROM Contact WHERE LastName IN (${NAMES})`,
    );
    expect(records).toMatchObject([{ LastName: AGREED.name, Email: expect.stringMatching(TOKEN) }]);
    const { records: others } = await salesforce('marketing').query(
      `SELECT LastName FROM Contact WHERE LastName IN (${NAMES})`,
    );
    expect(others).toEqual([{ attributes: expect.anything(), LastName: AGREED.name }]);
  });

  it('are known by them in HubSpot', async () => {
    const { results } = await hubspot('marketing').crm.contacts.searchApi.doSearch({
      filterGroups: [
        {
          filters: [
            {
              propertyName: 'lastname',
              operator: 'IN',
              values: EVERYBODY.map(({ name }) => name.toLowerCase()),
            },
          ],
        },
      ],
      properties: ['lastname', 'email'],
    } as never);
    expect(results.map(({ properties }) => properties['lastname'])).toEqual([AGREED.name]);
    expect(results[0]?.properties['email']).toMatch(TOKEN);
  });

  it('are restricted by them, for everybody', async () => {
    const { records } = await salesforce('salesforceRep').query(
      `SELECT LastName, Email FROM Contact WHERE LastName IN (${NAMES})`,
    );
    expect(records.map((record) => record['Email'])).toEqual([AGREED.email, WITHDRAWN.email, CALLED.email]);
    const contact = salesforce('salesforceRep').sobject('Contact');
    const refused = 'because their processing is restricted: 1.';
    await expect(contact.update({ Id: ids.get('Restricted')!, Title: 'X' })).rejects.toThrow(refused);
    await expect(contact.upsert({ Email: RESTRICTED.email, Title: 'X' }, 'Email')).rejects.toThrow(refused);
    await expect(
      hubspot('hubspotRep').crm.contacts.batchApi.upsert({
        inputs: [{ id: RESTRICTED.email, idProperty: 'email', properties: { jobtitle: 'X' } }],
      }),
    ).rejects.toThrow(refused);
  });

  it('are written to by their ids when they agree', async () => {
    const to = ({ name }: (typeof EVERYBODY)[number]) => mail({ recipientId: ids.get(name)! });
    await to(AGREED);
    for (const one of [WITHDRAWN, CALLED])
      await expect(to(one)).rejects.toThrow('1 of 1 recipients have not agreed to marketing.email.');
    await expect(to(RESTRICTED)).rejects.toThrow('their processing is restricted.');
  });

  it('are not written to by addresses, which the CRM would keep', async () => {
    const { singleSendApi } = hubspot('marketing').marketing.transactional;
    for (const { email } of EVERYBODY) {
      await expect(mail({ emailAddresses: email })).rejects.toThrow('this request names people by it');
      await expect(singleSendApi.sendEmail({ emailId: 1, message: { to: email } })).rejects.toThrow(
        'this request names people by it',
      );
    }
    expect(
      [around.salesforce, around.hubspot].flatMap(({ outbox }) => outbox.flatMap(({ to }) => to)),
    ).not.toContain(AGREED.email);
  });

  it('are unsubscribed by their addresses, in HubSpot by token and in the registry', async () => {
    const officer = PRINCIPALS.privacyOfficer;
    const ask = (path: string, body?: object) =>
      send(house.hubspotProxy, {
        path: `/communication-preferences/${path}`,
        token: officer,
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      });
    const statuses = async (email: string) => {
      const { results } = JSON.parse((await ask(`v4/statuses/${email}?channel=EMAIL`)).text) as {
        readonly results: readonly { readonly status: string; readonly subscriberIdString: string }[];
      };
      return results.map(({ status }) => status);
    };
    const unsubscribe = { emailAddress: LEAVING.email, subscriptionId: '501' };
    expect(await statuses(LEAVING.email)).toEqual(['NOT_SPECIFIED', 'NOT_SPECIFIED']);
    expect((await ask('v3/unsubscribe', unsubscribe)).status).toBe(200);
    expect(await statuses(LEAVING.email)).toEqual(['UNSUBSCRIBED', 'NOT_SPECIFIED']);
    const offers = { statusState: 'UNSUBSCRIBED', channel: 'EMAIL', subscriptionId: 502 };
    expect((await ask(`v4/statuses/${LEAVING.email}`, offers)).status).toBe(200);
    expect(await statuses(LEAVING.email)).toEqual(['UNSUBSCRIBED', 'UNSUBSCRIBED']);
    const left = `SELECT LastName FROM Contact WHERE LastName = '${LEAVING.name}'`;
    await expect.poll(async () => (await salesforce('marketing').query(left)).totalSize).toBe(0);

    const subscribe = await ask('v3/subscribe', unsubscribe);
    expect([subscribe.status, subscribe.text]).toEqual([403, expect.stringContaining('names people by it')]);
    const nobody = await ask('v3/unsubscribe', { ...unsubscribe, emailAddress: 'nobody@acme.example' });
    expect([nobody.status, nobody.text]).toEqual([403, expect.stringContaining('has no token')]);
    expect(await statuses('nobody@acme.example')).toEqual(['NOT_SPECIFIED', 'NOT_SPECIFIED']);
  });

  it('are known in uploads, by what is written and by its token', async () => {
    const kept = (name: string) =>
      String(
        around.salesforce.data.records('Contact').find((contact) => contact['LastName'] === name)?.['Email'],
      );
    const load = (Email: string) =>
      salesforce('salesforceRep').bulk2.loadAndWaitForResults({
        object: 'Contact',
        operation: 'insert',
        input: [{ LastName: 'Loaded', Email }],
        pollInterval: 50,
      });
    for (const email of [RESTRICTED.email, kept(RESTRICTED.name)])
      await expect(load(email)).rejects.toThrow('Rows of people whose processing is restricted: 1.');
    expect((await load('fresh@acme.example')).successfulResults).toMatchObject([
      { Email: 'fresh@acme.example' },
    ]);
    expect(kept('Loaded')).toMatch(TOKEN);
  });

  it('are kept as tokens by uploads to jobs that were created elsewhere', async () => {
    const jobs = `${V}/jobs/ingest`;
    const created = await send(around.salesforce.url, {
      method: 'POST',
      path: jobs,
      token: around.environment['SALESFORCE_TOKEN']!,
      body: JSON.stringify({ object: 'Contact', operation: 'insert' }),
    });
    const { id } = JSON.parse(created.text) as { readonly id: string };
    const ask = (method: string, path: string, body: string, type: string) =>
      send(house.proxy, {
        method,
        path: `${jobs}/${id}${path}`,
        token: PRINCIPALS.privacyOfficer,
        headers: { 'content-type': type },
        body,
      });
    const csv = 'LastName,Email\nElsewhere,elsewhere@acme.example\n';
    expect((await ask('PUT', '/batches', csv, 'text/csv')).status).toBe(201);
    await ask('PATCH', '', '{"state":"UploadComplete"}', 'application/json');
    const loaded = () =>
      around.salesforce.data.records('Contact').find(({ LastName }) => LastName === 'Elsewhere');
    await expect
      .poll(async () => {
        await ask('GET', '', '', 'application/json');
        return loaded()?.['Email'];
      })
      .toMatch(TOKEN);
  });
});

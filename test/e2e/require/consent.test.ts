import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hubspotClient, salesforceClient } from '../clients.ts';
import { type OpenHouse, openHouseWith } from '../house.ts';
import { PRINCIPALS } from '../principals.ts';
import { send } from '../wire.ts';
import { append, event, openRegistrySurroundings, type RegistrySurroundings } from './registry.ts';

const V = '/services/data/v59.0';
const MARKETING = 'marketing.email';
/** Of the people by their places: both CRMs have them in this order. */
const WITHDRAWN = 3;
const OBJECTED = 4;
/** Has a case as well. */
const RESTRICTED = 12;
const PROFILED = 6;

describe.each(['embedded', 'redis'])('consent, its registry in a store that is %s', (where) => {
  const config = `test/e2e/require/${where}.yaml`;
  let around: RegistrySurroundings;
  let house: OpenHouse;

  beforeAll(async () => {
    around = await openRegistrySurroundings({ sandbox: { people: 40, pageSize: 15 } });
    await append(config, around.environment, [
      event('withdrawn', { email: email(WITHDRAWN) }, MARKETING),
      event('granted', { email: email(OBJECTED) }, MARKETING),
      event('objected', { record: `sales::${salesforceId(OBJECTED)}`, email: email(OBJECTED) }, 'marketing'),
      event('restricted', { email: email(RESTRICTED) }),
      event('granted', { email: email(PROFILED) }, 'profiling'),
      event('granted', { email: email(0) }, 'export'),
    ]);
    house = await openHouseWith(config, around.environment);
  });

  afterAll(async () => {
    await house.closeHouse();
    await around.close();
  });

  const people = () => around.salesforce.data.people;
  const email = (index: number) => people()[index]!.email!;
  const contacts = () => around.salesforce.data.records('Contact');
  const salesforceId = (index: number) => String(contacts()[index]!['Id']);
  const hubspotId = (index: number) => String(around.hubspot.data.records('contacts')[index]!['id']);
  /** Who may be written to: the CRM says yes, and nobody took it back. */
  const agreed = () =>
    people().flatMap(({ optedOutOfEmail }, index) =>
      optedOutOfEmail || [WITHDRAWN, OBJECTED, RESTRICTED].includes(index) ? [] : [index],
    );
  const visible = () => people().flatMap((_, index) => (index === RESTRICTED ? [] : [index]));
  const salesforce = (who: keyof typeof PRINCIPALS) => salesforceClient(house.proxy, PRINCIPALS[who]);
  const hubspot = (who: keyof typeof PRINCIPALS) => hubspotClient(house.hubspotProxy, PRINCIPALS[who]);
  const all = async (who: keyof typeof PRINCIPALS, soql: string) =>
    (await salesforce(who).query(soql).execute({ autoFetch: true, maxFetch: 1000 })).records;

  describe('Salesforce, through jsforce', () => {
    it('shows marketing who has agreed, page by page, and takes out again what it had to know', async () => {
      const records = await all('marketing', 'SELECT LastName FROM Contact ORDER BY ExternalId__c');
      expect(records.map((record) => record['LastName'])).toEqual(
        agreed().map((index) => contacts()[index]!['LastName']),
      );
      expect(Object.keys(records[0]!).sort()).toEqual(['LastName', 'attributes']);
    });

    it('refuses marketing the record of somebody who has not agreed', async () => {
      const contact = salesforce('marketing').sobject('Contact');
      expect(await contact.retrieve(salesforceId(agreed()[0]!))).toMatchObject({ Id: expect.any(String) });
      await expect(contact.retrieve(salesforceId(WITHDRAWN))).rejects.toThrow(
        'This record may not be shown to you without consent to marketing.email.',
      );
    });

    it('treats what support may see only of some', async () => {
      const records = await all('support', 'SELECT Id, Phone, Birthdate FROM Contact ORDER BY ExternalId__c');
      const byId = new Map(records.map((record) => [record['Id'], record]));
      const profiled = byId.get(salesforceId(PROFILED));
      expect(profiled).toMatchObject({ Phone: contacts()[PROFILED]!['Phone'] });
      expect(profiled).toHaveProperty('Birthdate');
      const other = byId.get(salesforceId(PROFILED + 1));
      expect(other!['Phone']).toMatch(/^\*\*\*/);
      expect(other).not.toHaveProperty('Birthdate');
    });

    it('shows a restricted person to the privacy officer alone', async () => {
      const soql = 'SELECT Id FROM Contact ORDER BY ExternalId__c';
      const ids = async (who: keyof typeof PRINCIPALS) =>
        (await all(who, soql)).map((record) => record['Id']);
      expect(await ids('support')).toEqual(visible().map(salesforceId));
      expect(await ids('privacyOfficer')).toEqual(people().map((_, index) => salesforceId(index)));
      const contact = (who: keyof typeof PRINCIPALS) => salesforce(who).sobject('Contact');
      await expect(contact('support').retrieve(salesforceId(RESTRICTED))).rejects.toThrow('restricted');
      await expect(
        contact('support').update({ Id: salesforceId(RESTRICTED), LastName: 'X' }),
      ).rejects.toThrow('restricted');
      await expect(contact('support').destroy(salesforceId(RESTRICTED))).rejects.toThrow('restricted');
      expect(contacts()[RESTRICTED]!['LastName']).toBe(people()[RESTRICTED]!.lastName);
      expect(await contact('support').update({ Id: salesforceId(PROFILED), Title: 'Dr' })).toMatchObject({
        success: true,
      });
    });

    it.each([
      ['marketing', WITHDRAWN, 'Other records cannot be chosen'],
      ['support', RESTRICTED, 'Other records cannot be chosen'],
    ] as const)(
      'does not let %s choose some people by others they may not see',
      async (who, hidden, message) => {
        const chosen = `SELECT AccountId FROM Contact WHERE Email = '${email(hidden)}'`;
        for (const where of [
          `AccountId IN (${chosen})`,
          `AccountId NOT IN (${chosen})`,
          `ReportsTo.Email = '${email(hidden)}'`,
        ])
          await expect(all(who, `SELECT Id FROM Contact WHERE ${where}`)).rejects.toThrow(message);
      },
    );

    it.each([
      ['accounts', 'SELECT Id, (SELECT Id FROM Contacts) FROM Account', 'Account', undefined],
      ['cases', 'SELECT Id, Contact.LastName FROM Case', 'Case', 'ContactId'],
      ['campaign members', 'SELECT Id, Contact.LastName FROM CampaignMember', 'CampaignMember', 'ContactId'],
      ['tasks', 'SELECT Id, Who.Name, Owner.Name FROM Task', 'Task', 'WhoId'],
      ['files', 'SELECT Id FROM ContentVersion', 'ContentVersion', 'FirstPublishLocationId'],
    ])('shows %s, but not those of somebody restricted', async (_, soql, object, about) => {
      const others = around.salesforce.data
        .records(object)
        .filter((record) => about === undefined || record[about] !== salesforceId(RESTRICTED));
      const shown = await all('salesforceRep', soql);
      expect(shown).toHaveLength(others.length);
      expect(new Set(shown.map((record) => record['Id']))).toEqual(
        new Set(others.map((record) => record['Id'])),
      );
      expect(JSON.stringify(shown)).not.toContain(salesforceId(RESTRICTED));
    });

    it('neither shows nor changes a task with somebody who is restricted, known by the address alone', async () => {
      const task = around.salesforce.data
        .records('Task')
        .find((record) => record['WhoId'] === salesforceId(RESTRICTED))!;
      const tasks = salesforce('salesforceRep').sobject('Task');
      const Id = String(task['Id']);
      await expect(tasks.retrieve(Id)).rejects.toThrow('restricted');
      await expect(tasks.update({ Id, Subject: 'X' })).rejects.toThrow('restricted');
      await expect(tasks.destroy(Id)).rejects.toThrow('restricted');
      const [other] = await all('salesforceRep', 'SELECT Id, Subject, WhoId, Who.Name, Owner.Name FROM Task');
      expect(other).toMatchObject({ Who: { Name: expect.any(String) }, Owner: { Name: expect.any(String) } });
      expect(await tasks.update({ Id: String(other!['Id']), Subject: 'X' })).toMatchObject({ success: true });
    });

    it('counts people with somebody restricted among them, but not that person', async () => {
      expect(await salesforce('salesforceRep').query('SELECT COUNT() FROM Contact')).toMatchObject({
        totalSize: people().length,
      });
      for (const where of [`Id = '${salesforceId(RESTRICTED)}'`, `Email = '${email(RESTRICTED)}'`])
        await expect(
          salesforce('salesforceRep').query(`SELECT COUNT() FROM Contact WHERE ${where}`),
        ).rejects.toThrow('Counts and groups over Contact');
    });

    it('refuses a mail to some who have not agreed, and says how many', async () => {
      const mail = (...indices: readonly number[]) =>
        salesforce('marketing').request({
          method: 'POST',
          url: `${V}/actions/standard/emailSimple`,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            inputs: indices.map((index) => ({
              emailBody: 'Hello',
              emailSubject: 'Hello',
              emailAddresses: email(index),
            })),
          }),
        });
      const [first = 0, second = 0] = agreed();
      await expect(mail(first, WITHDRAWN, OBJECTED)).rejects.toThrow(/of 3 recipients/);
      await expect(mail(first, second)).resolves.toBeDefined();
    });

    it('refuses a bulk query whose rows hold somebody who has not agreed, before the first of them', async () => {
      const results = async (soql: string) => {
        const token = PRINCIPALS.exportOfficer;
        const job = await send(house.proxy, {
          token,
          method: 'POST',
          path: `${V}/jobs/query`,
          body: JSON.stringify({ operation: 'query', query: soql }),
        });
        const { id } = JSON.parse(job.text) as { id: string };
        await expect
          .poll(async () => (await send(house.proxy, { token, path: `${V}/jobs/query/${id}` })).text)
          .toContain('JobComplete');
        return send(house.proxy, { token, path: `${V}/jobs/query/${id}/results` });
      };
      const refused = await results('SELECT Id, LastName FROM Contact');
      expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('exports-need-consent')]);
      const cases = await results('SELECT Id, Contact.LastName FROM Case');
      expect(cases.text).not.toMatch(/@|"003/);
      expect(cases.text.split('\n')[0]).toBe('"Id","Contact.LastName"');
      const passed = await results(`SELECT Id, LastName FROM Contact WHERE Id = '${salesforceId(0)}'`);
      expect(passed.text.split('\n')[0]).toBe('"Id","LastName"');
      expect([passed.status, passed.text]).toEqual([200, expect.stringContaining(salesforceId(0))]);
    });
  });

  describe('HubSpot, through its SDK', () => {
    const basic = (who: keyof typeof PRINCIPALS) => hubspot(who).crm.contacts.basicApi;

    it('shows marketing who has agreed, in lists and searches', async () => {
      const { results } = await basic('marketing').getPage(100, undefined, ['firstname']);
      expect(results.map(({ id }) => id)).toEqual(agreed().map(hubspotId));
      expect(results.every(({ properties }) => !('hs_email_optout' in properties))).toBe(true);
      const search = await hubspot('marketing').crm.contacts.searchApi.doSearch({
        filterGroups: [],
        sorts: ['createdate'],
        properties: ['firstname'],
        limit: 100,
        after: '0',
      });
      expect([search.total, search.results.length]).toEqual([agreed().length, agreed().length]);
    });

    it('refuses marketing the record of somebody who has not agreed', async () => {
      await expect(basic('marketing').getById(hubspotId(OBJECTED))).rejects.toMatchObject({ code: 403 });
      expect((await basic('marketing').getById(hubspotId(agreed()[0]!))).id).toBe(hubspotId(agreed()[0]!));
    });

    it('keeps a restricted person from being shown, changed, merged and erased', async () => {
      const id = hubspotId(RESTRICTED);
      const { crm } = hubspot('support');
      const refused = { code: 403 };
      await expect(basic('support').getById(id)).rejects.toMatchObject(refused);
      await expect(basic('support').update(id, { properties: { city: 'X' } })).rejects.toMatchObject(refused);
      await expect(basic('support').archive(id)).rejects.toMatchObject(refused);
      await expect(
        basic('support').purge({ objectId: email(RESTRICTED), idProperty: 'email' }),
      ).rejects.toMatchObject(refused);
      await expect(
        crm.contacts.basicApi.merge({ primaryObjectId: hubspotId(0), objectIdToMerge: id }),
      ).rejects.toMatchObject(refused);
      const read = await crm.contacts.batchApi.read({
        inputs: [{ id }, { id: hubspotId(0) }],
        properties: ['city'],
        propertiesWithHistory: [],
      });
      expect(read.results.map((one) => one.id)).toEqual([hubspotId(0)]);
      expect((await basic('privacyOfficer').getById(id)).id).toBe(id);
    });

    it('shows the history of what decides, of those who may be shown', async () => {
      const history = ['email', 'hs_email_optout', 'phone'];
      const { results } = await basic('marketing').getPage(50, undefined, ['email'], history);
      expect(results.map(({ id }) => id)).toEqual(agreed().map(hubspotId));
      const [first] = agreed();
      expect(results[0]!.propertiesWithHistory).toMatchObject({ email: [{ value: email(first!) }] });
      await expect(
        basic('marketing').getById(hubspotId(WITHDRAWN), undefined, history),
      ).rejects.toMatchObject({ code: 403 });
    });

    it('leaves a restricted person out of associations, and tells nothing of theirs', async () => {
      const id = hubspotId(RESTRICTED);
      const asked = (who: keyof typeof PRINCIPALS, path: string) =>
        send(house.hubspotProxy, { token: PRINCIPALS[who], path });
      const idsIn = (text: string) =>
        [...text.matchAll(/"(?:id|toObjectId)":"?(\d+)/g)].map(([, found]) => found);
      const own = await asked('privacyOfficer', `/crm/v4/objects/contacts/${id}/associations/companies`);
      const [company = ''] = idsIn(own.text);
      for (const path of [
        `/crm/v3/objects/companies/${company}?associations=contacts`,
        '/crm/v3/objects/companies?limit=100&associations=contacts',
        `/crm/v4/objects/companies/${company}/associations/contacts`,
      ]) {
        const all = idsIn((await asked('privacyOfficer', path)).text);
        expect(all).toContain(id);
        expect(idsIn((await asked('hubspotRep', path)).text)).toEqual(all.filter((one) => one !== id));
      }
      for (const path of [
        `/crm/v4/objects/contacts/${id}/associations/companies`,
        `/crm/v3/lists/records/0-1/${id}/memberships`,
      ]) {
        expect((await asked('privacyOfficer', path)).status).toBe(200);
        const { status, text } = await asked('hubspotRep', path);
        expect([status, text]).toEqual([403, expect.stringContaining('restricted')]);
        expect((await asked('hubspotRep', path.replace(id, hubspotId(PROFILED)))).status).toBe(200);
      }
      const marketed = await asked(
        'marketing',
        `/crm/v4/objects/contacts/${hubspotId(WITHDRAWN)}/associations/companies`,
      );
      expect([marketed.status, marketed.text]).toEqual([403, expect.stringContaining('without consent')]);
    });

    it('subscribes nobody who has withdrawn', async () => {
      const subscribe = (index: number) =>
        send(house.hubspotProxy, {
          token: PRINCIPALS.marketing,
          method: 'POST',
          path: '/communication-preferences/v3/subscribe',
          body: JSON.stringify({ emailAddress: email(index), subscriptionId: '1' }),
        });
      expect((await subscribe(WITHDRAWN)).text).toContain('1 of 1 recipients');
      expect((await subscribe(agreed()[0]!)).text).not.toContain('recipients');
    });
  });
});

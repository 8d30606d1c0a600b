import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKekFile } from '../../../src/vault/keys/kek.ts';
import { localKeyWrapper } from '../../../src/vault/keys/key-wrapper.ts';
import { createKeyring } from '../../../src/vault/keys/keyring.ts';
import { startRedis, type ThrowawayRedis } from '../../fixtures/redis.ts';
import { hubspotClient, salesforceClient } from '../clients.ts';
import { eventsOf } from '../events.ts';
import { type OpenHouse, openHouseWith, openPremises, type Premises } from '../house.ts';
import { mintToken, REP_SALESFORCE_ID } from '../principals.ts';
import { send } from '../wire.ts';

const LIMIT = 30;
const PAGE_SIZE = 10;
const PEOPLE = 90;
const QUERY = '/services/data/v59.0/query?q=';
const REFUSED = { errorCode: 'INSUFFICIENT_ACCESS_OR_READONLY' };

let redis: ThrowawayRedis;
let keys: string;
beforeAll(async () => {
  redis = await startRedis({ persistent: true });
  keys = mkdtempSync(join(tmpdir(), 'privet-keys-'));
  const kek = join(keys, 'kek');
  createKekFile(kek);
  await createKeyring({ ring: join(keys, 'ring.json'), wrapper: localKeyWrapper({ file: kek }) });
});
afterAll(async () => {
  await redis.stop();
  rmSync(keys, { recursive: true });
});

describe.each([
  ['the embedded store', 'test/e2e/budget/config.yaml'],
  ['Redis', 'test/e2e/budget/redis.yaml'],
])('a reading budget in %s', (where, config) => {
  let premises: Premises;
  let nobodyYet = 0;

  beforeAll(async () => {
    premises = await openPremises({
      config,
      sandbox: { people: PEOPLE, pageSize: PAGE_SIZE },
      environment: { BUDGET_REDIS: redis.url, KEYS: keys },
    });
  });
  afterAll(() => premises.close());

  /** Somebody of sales who has read nothing yet. */
  const rep = () => mintToken(`rep ${where} ${nobodyYet++}`, { groups: ['sales-rep'] });
  const soql = (from: number, count: number, fields = 'Id, LastName') =>
    `SELECT ${fields} FROM Contact ORDER BY ExternalId__c LIMIT ${count} OFFSET ${from}`;
  const query = (token: string, text: string, privet: OpenHouse = premises) =>
    send(privet.proxy, { path: QUERY + encodeURIComponent(text), token });
  const idsIn = (text: string): string[] =>
    (JSON.parse(text) as { records: { Id: string }[] }).records.map(({ Id }) => Id);

  describe('through jsforce', () => {
    it('lets pages through until it is spent, names itself, and says when to come back', async () => {
      const client = salesforceClient(premises.proxy, await rep());
      const shown: unknown[] = [];
      let page = await client.query<{ Id: string }>('SELECT Id, Email FROM Contact');
      shown.push(...page.records.map(({ Id }) => Id));
      while (shown.length < LIMIT) {
        page = await client.queryMore(page.nextRecordsUrl!);
        shown.push(...page.records.map(({ Id }) => Id));
      }
      expect(new Set(shown).size).toBe(LIMIT);
      await expect(client.queryMore(page.nextRecordsUrl!)).rejects.toMatchObject({
        ...REFUSED,
        message: expect.stringMatching(
          /30 records per hour.*Try again in about \d+ minutes.*reading-budget/s,
        ),
      });
    });

    it('takes nothing for the same records again', async () => {
      const client = salesforceClient(premises.proxy, await rep());
      for (let times = 0; times < 6; times++)
        expect((await client.query(soql(0, 10))).records).toHaveLength(10);
      expect((await client.query(soql(10, 10))).records).toHaveLength(10);
      expect((await client.query(soql(20, 10))).records).toHaveLength(10);
      await expect(client.query(soql(30, 1))).rejects.toMatchObject(REFUSED);
      expect((await client.query(soql(5, 10))).records).toHaveLength(10);
    });

    it('counts single records, and refuses one beyond', async () => {
      const contacts = salesforceClient(premises.proxy, await rep()).sobject('Contact');
      const ids = premises.salesforce.data.records('Contact').map((record) => String(record['Id']));
      for (const id of ids.slice(0, LIMIT)) await contacts.retrieve(id, { fields: ['LastName'] });
      await expect(contacts.retrieve(ids[LIMIT]!)).rejects.toMatchObject(REFUSED);
      expect(await contacts.retrieve(ids[0]!, { fields: ['Phone'] })).toMatchObject({ Id: ids[0] });
    });

    it('counts the rows of a bulk job, and gives none of what is more than the limit', async () => {
      const token = await rep();
      const bulk = salesforceClient(premises.proxy, token).bulk2;
      const some = await (await bulk.query(`SELECT Id, Email FROM Contact LIMIT ${LIMIT}`)).toArray();
      expect(some).toHaveLength(LIMIT);
      const all = bulk.query('SELECT Id, Email FROM Contact').then((stream) => stream.toArray());
      await expect(all).rejects.toThrow();
      expect((await query(token, soql(0, 10))).status).toBe(200);
      expect((await query(token, soql(LIMIT, 1))).status).toBe(403);
    });

    it.each([
      // Whoever sees everything gets jobs of which nobody knows the columns: their own rows count as well.
      ['sales-rep', 1],
      ['partner', 2],
    ])(
      'counts the related records in the rows of a bulk job, by their ids where it can, for a %s',
      async (role, more) => {
        const token = await mintToken(`${role} ${where} bulk`, { groups: [role] });
        const { bulk2 } = salesforceClient(premises.proxy, token);
        const people = (fields: string) =>
          bulk2
            .query(`SELECT ${fields} FROM Case ORDER BY Id LIMIT ${LIMIT / 3}`)
            .then((stream) => stream.toArray());
        for (let times = 0; times < 4; times++)
          await expect(people('Id, Contact.Id, Contact.Email')).resolves.toHaveLength(LIMIT / 3);
        for (let times = 0; times < more; times++)
          await expect(people('Id, Contact.Email, Contact.ReportsTo.Email')).resolves.toHaveLength(LIMIT / 3);
        await expect(people('Id, Contact.Email')).rejects.toThrow();
      },
    );

    it('counts related records of its objects, and no others', async () => {
      const client = salesforceClient(premises.proxy, await rep());
      const { records } = await client.query('SELECT Id, Contact.Email, Account.Name FROM Case');
      expect(records.length).toBeGreaterThan(0);
      const seen = new Set(records.map((record) => JSON.stringify(record['Contact'])));
      const left = LIMIT - seen.size;
      expect(left).toBeGreaterThan(0);
      expect((await client.query(`SELECT Id FROM Account`)).records.length).toBeGreaterThan(0);
    });

    it('counts COUNT() as one, so that nobody is found out by asking again and again', async () => {
      const token = await rep();
      const count = (letters: string) =>
        query(token, `SELECT COUNT() FROM Contact WHERE LastName LIKE '${letters}%'`);
      for (let times = 0; times < LIMIT; times++) expect((await count(`A${times}`)).status).toBe(200);
      expect((await count('B')).status).toBe(403);
      expect((await query(token, 'SELECT COUNT() FROM Account')).status).toBe(200);
    });

    it('counts each row of what is grouped', async () => {
      const token = await rep();
      const grouped = 'SELECT Email FROM Contact GROUP BY Email LIMIT 10';
      for (let times = 0; times < 3; times++) expect((await query(token, grouped)).status).toBe(200);
      expect((await query(token, grouped)).status).toBe(403);
    });

    it('refuses a report, which cannot be counted', async () => {
      const { status, text } = await send(premises.proxy, {
        path: '/services/data/v59.0/analytics/reports/00O5g000001AbCdEAA',
        token: await rep(),
      });
      expect([status, text]).toEqual([403, expect.stringContaining('cannot be counted')]);
    });
  });

  describe('through the HubSpot client', () => {
    const contactsOf = (token: string) => hubspotClient(premises.hubspotProxy, token).crm.contacts;

    it('counts a search for a number alone as one', async () => {
      const token = await rep();
      const search = async (limit: number) =>
        (
          await send(premises.hubspotProxy, {
            method: 'POST',
            path: '/crm/v3/objects/contacts/search',
            token,
            body: JSON.stringify({ filterGroups: [], limit }),
          })
        ).status;
      for (let times = 0; times < LIMIT; times++) expect(await search(0)).toBe(200);
      expect(await search(0)).toBe(403);
    });

    it('counts pages, searches and batches together', async () => {
      const contacts = contactsOf(await rep());
      const first = await contacts.basicApi.getPage(10, undefined, ['email']);
      const second = await contacts.searchApi.doSearch({ limit: 10, after: '10', properties: ['email'] });
      expect(second.results).toHaveLength(10);
      const inputs = first.results.map(({ id }) => ({ id }));
      const again = await contacts.batchApi.read({ inputs, properties: [], propertiesWithHistory: [] });
      expect(again.results).toHaveLength(10);
      await contacts.searchApi.doSearch({ limit: 10, after: '20' });
      await expect(contacts.searchApi.doSearch({ limit: 1, after: '30' })).rejects.toMatchObject({
        code: 403,
        body: { context: { policy: ['reading-budget'] } },
      });
    });

    it('lets a write through when it is spent, and shows nothing of what was written but its place', async () => {
      const contacts = contactsOf(await rep());
      const ids = premises.hubspot.data.records('contacts').map((record) => String(record['id']));
      await contacts.searchApi.doSearch({ limit: LIMIT });
      const updated = await contacts.basicApi.update(ids[50]!, { properties: { city: 'Kraków' } });
      expect(updated.id).toBe(ids[50]);
      expect(updated.properties).toEqual({});
      const stored = premises.hubspot.data.records('contacts').find((record) => record['id'] === ids[50]);
      expect(JSON.stringify(stored)).toContain('Kraków');
      const known = await contacts.basicApi.update(ids[3]!, { properties: { city: 'Kraków' } });
      expect(known.properties).toMatchObject({ city: 'Kraków' });
    });

    it('refuses an export, which is fetched past the proxy', async () => {
      const { status, text } = await send(premises.hubspotProxy, {
        method: 'POST',
        path: '/crm/v3/exports/export/async',
        token: await rep(),
        body: JSON.stringify({
          exportType: 'VIEW',
          format: 'CSV',
          exportName: 'all',
          objectType: 'CONTACT',
          objectProperties: ['email'],
          language: 'EN',
          associatedObjectType: 'COMPANY',
        }),
      });
      expect([status, text]).toEqual([403, expect.stringContaining('reading-budget')]);
    });

    it('is one budget over both CRMs', async () => {
      const token = await rep();
      await query(token, soql(0, 10));
      await query(token, soql(10, 10));
      const { paging } = await contactsOf(token).basicApi.getPage(10);
      await expect(contactsOf(token).basicApi.getPage(1, paging?.next?.after)).rejects.toMatchObject({
        code: 403,
      });
      expect((await query(token, soql(20, 1))).status).toBe(403);
    });
  });

  it('is one for all credentials of a principal, however many ask at once', async () => {
    const id = `parallel ${where}`;
    const tokens = await Promise.all(
      [['sales-rep'], ['sales-rep', 'sales-rep'], ['sales-rep']].map((groups, index) =>
        mintToken(id, { groups, purposes: [`purpose ${index}`] }),
      ),
    );
    const answers = await Promise.all(
      Array.from({ length: 18 }, (_, index) => query(tokens[index % 3]!, soql(index * 5, 5))),
    );
    const shown = answers.flatMap(({ status, text }) => (status === 200 ? idsIn(text) : []));
    expect(new Set(shown).size).toBe(LIMIT);
    expect(answers.filter(({ status }) => status === 403)).toHaveLength(12);
  });

  it('leaves the bytes of an answer as they are, also when it is long', async () => {
    const text = 'SELECT Id, LastName, Description FROM Contact LIMIT 10';
    const [limited, officer] = await Promise.all([rep(), mintToken('emma', { groups: ['privacy-officer'] })]);
    const [counted, clear] = [await query(limited, text), await query(officer, text)];
    expect(counted.coded.equals(clear.coded)).toBe(true);
    expect(counted.headers['content-length']).toBe(clear.headers['content-length']);
    const headers = { 'accept-encoding': 'gzip' };
    const zipped = { path: QUERY + encodeURIComponent(text), headers };
    const coded = await send(premises.proxy, { ...zipped, token: limited });
    expect(coded.body.equals(clear.body)).toBe(true);
  });

  it('counts no record that is left out, and a masked one like any other', async () => {
    const token = await mintToken(`support ${where}`, {
      groups: ['support'],
      crm_user: REP_SALESFORCE_ID,
    });
    const contacts = new Set<string>();
    let refused = 0;
    for (let from = 0; from < PEOPLE; from += 5) {
      const { status, text } = await query(token, soql(from, 5, 'Id, Email, OwnerId'));
      if (status === 403) refused++;
      else for (const id of idsIn(text)) contacts.add(id);
    }
    expect(contacts.size).toBeGreaterThan(7);
    expect(contacts.size).toBeLessThanOrEqual(12);
    expect(refused).toBeGreaterThan(0);
  });

  it('stands in the audit trail with what was counted', async () => {
    const token = await rep();
    const answers = [await query(token, soql(0, 10)), await query(token, soql(5, 10))];
    await query(token, soql(15, 10));
    answers.push(await query(token, soql(25, 10)));
    const events = await Promise.all(
      answers.map(({ headers }) => eventsOf(premises.redis.client, headers['x-privet-request-id'])),
    );
    expect(events.map(([, completion]) => completion)).toMatchObject([
      { decision: 'allow', policies: ['reading-budget'], records: { seen: 10, counted: 10 } },
      { decision: 'allow', policies: ['reading-budget'], records: { seen: 10, counted: 5 } },
      {
        decision: 'deny',
        policies: ['reading-budget'],
        records: { seen: 10, counted: 0 },
        reason: expect.stringContaining('30 records per hour'),
      },
    ]);
    const metrics = await send(premises.admin, { path: '/metrics' });
    expect(metrics.text).toMatch(/privet_budget_refusals_total\{policy="reading-budget"\} [1-9]/);
  });
});

describe('several Privets', () => {
  it('share one budget, however many ask at once, and through a restart of each', async () => {
    const premises = await openPremises({
      config: 'test/e2e/budget/redis.yaml',
      sandbox: { people: PEOPLE, pageSize: PAGE_SIZE },
      environment: { BUDGET_REDIS: redis.url, KEYS: keys },
    });
    const another = (instance: string) =>
      openHouseWith('test/e2e/budget/redis.yaml', { ...premises.environment, INSTANCE: instance });
    const other = await another('2');
    const token = await mintToken('of two', { groups: ['sales-rep'] });
    const page = (privet: OpenHouse, from: number) => {
      const text = `SELECT Id FROM Contact ORDER BY ExternalId__c LIMIT 5 OFFSET ${from}`;
      return send(privet.proxy, { path: QUERY + encodeURIComponent(text), token });
    };
    const answers = await Promise.all(
      Array.from({ length: 18 }, (_, index) => page(index % 2 === 0 ? premises : other, index * 5)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(LIMIT / 5);
    await other.closeHouse();
    const third = await another('3');
    const refused = answers.findIndex(({ status }) => status === 403);
    const granted = answers.findIndex(({ status }) => status === 200);
    expect((await page(third, refused * 5)).status).toBe(403);
    expect((await page(third, granted * 5)).status).toBe(200);
    await third.closeHouse();
    await premises.close();
  });

  it('refuse what they cannot count while the store is away, and go on when it is back', async () => {
    const own = await startRedis({ persistent: true });
    const premises = await openPremises({
      config: 'test/e2e/budget/redis.yaml',
      sandbox: { people: PEOPLE, pageSize: PAGE_SIZE },
      environment: { BUDGET_REDIS: own.url, KEYS: keys },
    });
    const token = await mintToken('of a store that fails', { groups: ['sales-rep'] });
    const read = (from: number) => {
      const text = `SELECT Id FROM Contact ORDER BY ExternalId__c LIMIT 10 OFFSET ${from}`;
      return send(premises.proxy, { path: QUERY + encodeURIComponent(text), token });
    };
    expect((await read(0)).status).toBe(200);
    await own.kill();
    const { status, text } = await read(10);
    expect([status, text]).toEqual([403, expect.stringContaining('BUDGET_UNAVAILABLE')]);
    await own.restart();
    await expect.poll(async () => (await read(10)).status).toBe(200);
    expect((await read(20)).status).toBe(200);
    expect((await read(30)).status).toBe(403);
    await premises.close();
    await own.stop();
  });
});

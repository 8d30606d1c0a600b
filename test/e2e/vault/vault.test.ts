import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { salesforceClient } from '../clients.ts';
import type { Premises } from '../house.ts';
import { PRINCIPALS } from '../principals.ts';
import { send } from '../wire.ts';
import {
  expectHidden,
  IBAN,
  NIF,
  openVaultPremises,
  STORES,
  TOKEN,
  type VaultPremises,
  writtenDown,
} from './premises.ts';

describe.each(STORES)('a vault in %s', (where, config) => {
  let here: VaultPremises;
  let premises: Premises;
  beforeAll(async () => {
    here = await openVaultPremises(config);
    premises = here.premises;
  });
  afterAll(() => here.close());

  describe('Salesforce, through jsforce', () => {
    const as = (who: keyof typeof PRINCIPALS) => salesforceClient(premises.proxy, PRINCIPALS[who]);
    let id: string;

    it('keeps a token of what is created', async () => {
      const created = await as('privacyOfficer')
        .sobject('Contact')
        .create({ LastName: 'Vault', NIF__c: NIF, IBAN__c: IBAN });
      expect(created).toMatchObject({ success: true });
      id = String(created.id);
      expect(here.storedContact(id)).toMatchObject({ NIF__c: expect.stringMatching(TOKEN) });
      expect(here.storedContact(id)?.['IBAN__c']).toHaveLength(IBAN.length);
    });

    it.each([
      ['privacyOfficer', NIF],
      ['support', `***${NIF.slice(-3)}`],
      ['marketing', expect.stringMatching(TOKEN)],
    ] as const)('shows %s its own', async (who, shown) => {
      const record = await as(who)
        .sobject('Contact')
        .retrieve(id, { fields: ['Id', 'NIF__c'] });
      expect(record['NIF__c']).toEqual(shown);
    });

    it('finds a record by its value', async () => {
      const { records, totalSize } = await as('privacyOfficer').query(
        `SELECT Id, NIF__c, IBAN__c FROM Contact WHERE NIF__c = '${NIF}' AND IBAN__c IN ('${IBAN}', 'ES00')`,
      );
      expect(totalSize).toBe(1);
      expect(records[0]).toMatchObject({ Id: id, NIF__c: NIF, IBAN__c: IBAN });
    });

    it('finds a record by its value in whatever case, as the CRM does, and reads each back as it was written', async () => {
      const spellings = ['x7654321l', 'X7654321L'];
      await as('privacyOfficer')
        .sobject('Contact')
        .create(spellings.map((value) => ({ LastName: 'Spelling', NIF__c: value })));
      for (const asked of [...spellings, 'x7654321L']) {
        const { records } = await as('privacyOfficer').query(
          `SELECT NIF__c FROM Contact WHERE NIF__c = '${asked}'`,
        );
        expect(records.map((record) => record['NIF__c'])).toEqual(spellings);
      }
    });

    it.each([
      [`NIF__c != '${NIF}'`, 0],
      [`NIF__c NOT IN ('${NIF}', '11111111H')`, 0],
      ["NIF__c != '11111111H'", 1],
      ['NIF__c != null', 1],
      ["NIF__c = ''", 0],
      ['IBAN__c != null', 1],
    ])('tells whether records have another value, or any: %s', async (condition, found) => {
      const { totalSize } = await as('privacyOfficer').query(
        `SELECT Id FROM Contact WHERE LastName = 'Vault' AND ${condition}`,
      );
      expect(totalSize).toBe(found);
    });

    it('finds nothing by a value that nobody has', async () => {
      const { totalSize } = await as('privacyOfficer').query(
        "SELECT Id FROM Contact WHERE NIF__c = '11111111H'",
      );
      expect(totalSize).toBe(0);
    });

    it.each([
      "SELECT Id FROM Contact WHERE NIF__c LIKE '999%'",
      'SELECT Id FROM Contact ORDER BY NIF__c',
      "SELECT Id FROM Contact WHERE NIF__c > '5'",
      'SELECT NIF__c, COUNT(Id) FROM Contact GROUP BY NIF__c',
    ])('refuses what tokens cannot answer: %s', async (soql) => {
      await expect(as('privacyOfficer').query(soql)).rejects.toMatchObject({
        message: expect.stringContaining('The CRM keeps tokens of NIF__c of Contact'),
      });
    });

    it('keeps the token of a value that is written again, by whoever', async () => {
      const before = here.storedContact(id)?.['NIF__c'];
      await as('privacyOfficer').sobject('Contact').update({ Id: id, NIF__c: NIF });
      await as('support')
        .sobject('Contact')
        .update({ Id: id, NIF__c: `***${NIF.slice(-3)}`, Title: 'Chief' });
      await as('marketing')
        .sobject('Contact')
        .update({ Id: id, NIF__c: String(before) });
      expect(here.storedContact(id)).toMatchObject({ NIF__c: before, Title: 'Chief' });
    });

    it('refuses tokens that were never given out, and half-edited masks', async () => {
      for (const [who, value] of [
        ['privacyOfficer', `pvt1_${'b'.repeat(26)}`],
        ['support', '***12'],
      ] as const) {
        const update = as(who).sobject('Contact').update({ Id: id, NIF__c: value });
        await expect(update).rejects.toMatchObject({ message: expect.stringContaining('NIF__c') });
      }
    });

    it('refuses a value in a text that is JSON, which the CRM would keep as it is', async () => {
      const create = (Description: string) =>
        as('privacyOfficer').sobject('Contact').create({ LastName: 'Payload', Description });
      await expect(create(JSON.stringify({ payload: { nif__c: NIF } }))).rejects.toMatchObject({
        message: expect.stringContaining('JSON with a value of nif__c'),
      });
      expect(await create(JSON.stringify({ NIF__c: here.storedContact(id)?.['NIF__c'] }))).toMatchObject({
        success: true,
      });
    });

    it.each([{ value: NIF }, { NIF__c: NIF }, { attributes: { type: 'Contact' }, Id: NIF }, {}, [NIF], true])(
      'refuses to write what is no text and no number, with nothing else beside it: %j',
      async (NIF__c) => {
        for (const path of [`Contact/${id}`, 'Contact/ExternalId__c/some-key']) {
          const asked = premises.salesforce.requests.length;
          const { status } = await send(premises.proxy, {
            method: 'PATCH',
            path: `/services/data/v59.0/sobjects/${path}`,
            token: PRINCIPALS.privacyOfficer,
            body: JSON.stringify({ NIF__c }),
          });
          expect([status, premises.salesforce.requests.length]).toEqual([403, asked]);
        }
      },
    );

    it('leaves null and empty alone', async () => {
      const created = await as('privacyOfficer')
        .sobject('Contact')
        .create({ LastName: 'Empty', NIF__c: null });
      expect(here.storedContact(String(created.id))?.['NIF__c'] ?? null).toBeNull();
    });

    it('leaves spaces alone, which are no value and have no format', async () => {
      const blank = { LastName: 'Blank', NIF__c: ' ', IBAN__c: '  ' };
      const created = await as('privacyOfficer').sobject('Contact').create(blank);
      const { successfulResults } = await as('privacyOfficer').bulk2.loadAndWaitForResults({
        object: 'Contact',
        operation: 'insert',
        input: [blank],
        pollInterval: 50,
      });
      for (const blankId of [created.id, successfulResults[0]?.['sf__Id']])
        expect(here.storedContact(String(blankId))).toMatchObject(blank);
    });

    it('keeps a number in place of a number, and refuses one that a field of numbers would round', async () => {
      const write = (number: string) =>
        send(premises.proxy, {
          method: 'POST',
          path: '/services/data/v59.0/sobjects/Contact',
          token: PRINCIPALS.privacyOfficer,
          body: `{"LastName":"Numbered","CustomerNumber__c":${number}}`,
        });
      const { id: own } = JSON.parse((await write('-1234567.0')).text) as { id: string };
      expect(JSON.stringify(here.storedContact(own)?.['CustomerNumber__c'])).toMatch(/"-[1-9]\d{6}"/);
      const record = await as('privacyOfficer')
        .sobject('Contact')
        .retrieve(own, { fields: ['CustomerNumber__c'] });
      expect(record['CustomerNumber__c']).toBe(-1234567);
      for (const number of ['12345678901234567', '1234567.5'])
        expect(await write(number)).toMatchObject({
          status: 403,
          text: expect.stringContaining('CustomerNumber__c'),
        });
    });

    it('writes many at once, and reads them back page by page', async () => {
      const numbers = Array.from({ length: 5 }, (_, index) => `${index}2345678X`);
      const saved = await as('privacyOfficer')
        .sobject('Contact')
        .create(numbers.map((value) => ({ LastName: 'Many', NIF__c: value })));
      expect(saved.map(({ success }) => success)).toEqual(numbers.map(() => true));
      expect(new Set(saved.map((one) => here.storedContact(String(one.id))?.['NIF__c'])).size).toBe(5);
      const { records } = await as('privacyOfficer').query(
        "SELECT NIF__c FROM Contact WHERE LastName = 'Many'",
      );
      expect(records.map((record) => String(record['NIF__c'])).toSorted()).toEqual(numbers);
    });

    it.each<[string, (contacts: Record<string, string>, id: string) => Promise<unknown>]>([
      [
        'an update',
        (fields, Id) =>
          as('privacyOfficer')
            .sobject('Contact')
            .update({ Id, ...fields }),
      ],
      [
        'a collection',
        (fields, Id) =>
          as('privacyOfficer')
            .sobject('Contact')
            .update([{ Id, ...fields }]),
      ],
      [
        'an upsert',
        (fields) =>
          as('privacyOfficer')
            .sobject('Contact')
            .upsert({ ExternalId__c: 'again', ...fields }, 'ExternalId__c'),
      ],
      [
        'a collection of upserts',
        (fields) =>
          as('privacyOfficer')
            .sobject('Contact')
            .upsert([{ ExternalId__c: 'again', ...fields }], 'ExternalId__c'),
      ],
      [
        'a bulk upsert',
        (fields) =>
          as('privacyOfficer').bulk2.loadAndWaitForResults({
            object: 'Contact',
            operation: 'upsert',
            externalIdFieldName: 'ExternalId__c',
            input: [{ ExternalId__c: 'again', ...fields }],
            pollInterval: 50,
          }),
      ],
    ])('keeps a random token, and nothing more, when its value is saved again by %s', async (_, save) => {
      const created = await as('privacyOfficer')
        .sobject('Contact')
        .upsert({ ExternalId__c: 'again', LastName: 'Again', Department: 'Psychiatry' }, 'ExternalId__c');
      const [found] = await as('privacyOfficer').sobject('Contact').find({ ExternalId__c: 'again' }, ['Id']);
      expect(created).toMatchObject({ success: true });
      const again = { LastName: 'Again', Department: 'Psychiatry' };
      await save(again, String(found?.Id));
      const [token, { tokens }] = [here.storedContact(String(found?.Id))?.['Department'], await here.stats()];
      await save(again, String(found?.Id));
      await save({ ...again, Department: 'Surgery' }, String(found?.Id));
      const [other, { tokens: more }] = [
        here.storedContact(String(found?.Id))?.['Department'],
        await here.stats(),
      ];
      await save(again, String(found?.Id));
      expect(here.storedContact(String(found?.Id))?.['Department']).toBe(token);
      expect(other).not.toBe(token);
      expect([more - tokens <= 1, (await here.stats()).tokens]).toEqual([true, more]);
    });

    it('keeps tokens of what is loaded in bulk, and gives the values back in bulk', async () => {
      const numbers = Array.from({ length: 300 }, (_, index) => `${String(index).padStart(8, '0')}K`);
      const results = await as('privacyOfficer').bulk2.loadAndWaitForResults({
        object: 'Contact',
        operation: 'insert',
        input: numbers.map((value) => ({ LastName: 'Bulk', NIF__c: value, Title: 'a, "b"' })),
        pollInterval: 50,
      });
      expect(results.successfulResults).toHaveLength(300);
      const bulk = premises.salesforce.data
        .records('Contact')
        .filter((record) => record['LastName'] === 'Bulk');
      for (const record of bulk) expect(record['NIF__c']).toMatch(TOKEN);
      const stream = await as('privacyOfficer').bulk2.query(
        "SELECT Id, NIF__c FROM Contact WHERE LastName = 'Bulk'",
        {
          pollInterval: 50,
        },
      );
      const rows = await stream.toArray();
      expect(rows.map((row) => String((row as Record<string, unknown>)['NIF__c'])).toSorted()).toEqual(
        numbers,
      );
    });
  });

  it('reaches by their ids the people who were loaded in bulk, and gives back the tokens of rows that were refused', async () => {
    const input = [
      { LastName: 'Loaded', NIF__c: '10000001R', IBAN__c: IBAN },
      { LastName: 'Loaded', NIF__c: '10000002W', IBAN__c: '' },
      { LastName: 'Loaded', NIF__c: '10000002W', IBAN__c: '' },
      { LastName: '', NIF__c: '10000003A', IBAN__c: '' },
    ];
    const before = await here.stats();
    const results = await salesforceClient(
      premises.proxy,
      PRINCIPALS.privacyOfficer,
    ).bulk2.loadAndWaitForResults({ object: 'Contact', operation: 'insert', input, pollInterval: 50 });
    expect([results.successfulResults.length, results.failedResults.length]).toEqual([3, 1]);
    const after = await here.stats();
    expect(after.provisionalUnbound - before.provisionalUnbound).toBe(1);
    expect(after.usesRefused - before.usesRefused).toBe(1);
    expect(after.rowsUnclaimed).toBe(before.rowsUnclaimed);
  });

  it('shows what stood in the CRM before as what it is, and keeps a token once it is written', async () => {
    const contact = premises.salesforce.data.records('Contact').find((record) => record['NIF__c'] !== null);
    const path = `/services/data/v59.0/sobjects/Contact/${String(contact?.['Id'])}`;
    const ask = (token: string) => send(premises.proxy, { path: `${path}?fields=NIF__c`, token });
    const value = String(contact?.['NIF__c']);
    expect((await ask(PRINCIPALS.privacyOfficer)).text).toContain(value);
    const masked = (await ask(PRINCIPALS.support)).text;
    expect(masked).toContain(`***${value.slice(-3)}`);
    expect(masked).not.toContain(value);
    const marketing = (await ask(PRINCIPALS.marketing)).text;
    expect(marketing).not.toContain(value);
    const body = JSON.stringify({ NIF__c: value });
    await send(premises.proxy, { method: 'PATCH', path, token: PRINCIPALS.privacyOfficer, body });
    expect(here.storedContact(String(contact?.['Id']))?.['NIF__c']).toMatch(TOKEN);
    expect((await ask(PRINCIPALS.support)).text).toContain(`***${value.slice(-3)}`);
  });

  it('leaves none of the values with the CRMs or in what Privet writes down', async () => {
    expectHidden(premises, [NIF, IBAN, '00000299K']);
    expect(await writtenDown(premises)).toMatch(/detokenized/);
    expect(await writtenDown(premises)).not.toContain(NIF);
  });

  if (where !== 'Redis') return;

  it('refuses all that needs the vault while it is away, and nothing else', async () => {
    const ask = (method: string, path: string, body?: unknown) =>
      send(premises.proxy, {
        method,
        path: `/services/data/v59.0/${path}`,
        token: PRINCIPALS.privacyOfficer,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    const soql = (text: string) => `query?q=${encodeURIComponent(text)}`;
    const asked = premises.salesforce.requests.length;
    await here.redis.kill();
    const write = await ask('POST', 'sobjects/Contact', { LastName: 'Away', NIF__c: NIF });
    const compare = await ask('GET', soql(`SELECT Id FROM Contact WHERE NIF__c = '${NIF}'`));
    expect([write.status, compare.status]).toEqual([403, 403]);
    expect(premises.salesforce.requests).toHaveLength(asked);
    const read = await ask('GET', soql("SELECT NIF__c FROM Contact WHERE LastName = 'Vault'"));
    expect([read.status, read.text]).toEqual([403, expect.stringContaining('VAULT_UNAVAILABLE')]);
    // Of people nothing is told for long: who is restricted stands in the same Redis.
    const plain = await ask('GET', soql('SELECT Name FROM Account LIMIT 1'));
    expect([plain.status, plain.text]).toEqual([200, expect.anything()]);
    await here.redis.restart();
    await expect
      .poll(async () => (await ask('GET', soql("SELECT NIF__c FROM Contact WHERE LastName = 'Vault'"))).text)
      .toContain(NIF);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hubspotClient, salesforceClient } from '../clients.ts';
import { type OpenHouse, openHouseWith } from '../house.ts';
import { PRINCIPALS } from '../principals.ts';
import { append, event, openRegistrySurroundings, type RegistrySurroundings } from './registry.ts';

/** Of the people by their places: known by their address, and by their record. */
const BY_ADDRESS = 5;
const BY_RECORD = 7;
const OTHER = 9;

type Row = Readonly<Record<string, string>>;
type Does = 'insert' | 'update' | 'upsert' | 'delete';

describe.each(['embedded', 'redis'])(
  'uploads while somebody is restricted, in a store that is %s',
  (where) => {
    const config = `test/e2e/require/${where}.yaml`;
    let around: RegistrySurroundings;
    let house: OpenHouse;

    beforeAll(async () => {
      around = await openRegistrySurroundings({ sandbox: { people: 40 } });
      await append(config, around.environment, [
        event('restricted', { email: around.salesforce.data.people[BY_ADDRESS]!.email! }),
        event('restricted', { record: `sales::${textOf(BY_RECORD, 'Id')}` }),
      ]);
      house = await openHouseWith(config, around.environment);
    });

    afterAll(async () => {
      await house.closeHouse();
      await around.close();
    });

    const contacts = () => around.salesforce.data.records('Contact');
    const textOf = (index: number, field: string): string => String(contacts()[index]![field]);
    const load = (operation: Does, input: readonly Row[] | string, externalIdFieldName?: string) =>
      salesforceClient(house.proxy, PRINCIPALS.salesforceRep).bulk2.loadAndWaitForResults({
        object: 'Contact',
        operation,
        input: typeof input === 'string' ? input : [...input],
        pollInterval: 50,
        ...(externalIdFieldName === undefined ? {} : { externalIdFieldName }),
      });
    const titles = () => contacts().map((contact) => contact['Title']);

    it.each([
      [
        'an insert',
        'insert',
        () => [
          { LastName: 'Fresh', Email: 'fresh@acme.example' },
          { LastName: 'Bare', Email: '' },
        ],
      ],
      ['an update', 'update', () => [{ Id: textOf(OTHER, 'Id'), Title: 'Updated' }]],
      ['an upsert', 'upsert', () => [{ ExternalId__c: textOf(OTHER, 'ExternalId__c'), Title: 'Upserted' }]],
      ['a deletion', 'delete', () => [{ Id: textOf(30, 'Id') }]],
    ] as const)('%s of others goes through, and its results come back', async (_, does, rows) => {
      const input: readonly Row[] = rows();
      const results = await load(does, input, does === 'upsert' ? 'ExternalId__c' : undefined);
      expect(results.failedResults).toEqual([]);
      expect(results.successfulResults).toMatchObject(input);
    });

    it('reaches the CRM byte for byte', async () => {
      const csv = `"Title" , Id\n"a ""b""",${textOf(OTHER, 'Id')}\n`.replace(' , ', ',');
      await load('update', csv);
      expect(textOf(OTHER, 'Title')).toBe('a "b"');
    });

    it.each([
      ['by their id', 'update', () => [{ Id: textOf(BY_RECORD, 'Id'), Title: 'X' }], undefined, 1],
      [
        'by the other spelling of it',
        'update',
        () => [{ Id: textOf(BY_RECORD, 'Id').slice(0, 15), Title: 'X' }],
        undefined,
        1,
      ],
      [
        'by the address that their record has',
        'update',
        () => [{ Id: textOf(BY_ADDRESS, 'Id'), Title: 'X' }],
        undefined,
        1,
      ],
      [
        'by an external id',
        'upsert',
        () => [{ ExternalId__c: textOf(BY_ADDRESS, 'ExternalId__c'), Title: 'X' }],
        'ExternalId__c',
        1,
      ],
      [
        'to be deleted',
        'delete',
        () => [{ Id: textOf(BY_ADDRESS, 'Id') }, { Id: textOf(BY_RECORD, 'Id') }],
        undefined,
        2,
      ],
      [
        'by the address in a new row',
        'insert',
        () => [{ LastName: 'X', email: textOf(BY_ADDRESS, 'Email').toUpperCase() }],
        undefined,
        1,
      ],
      [
        'by the address that somebody else is given',
        'update',
        () => [{ Id: textOf(OTHER, 'Id'), Email: textOf(BY_ADDRESS, 'Email') }],
        undefined,
        1,
      ],
    ] as const)('are refused when they name somebody restricted: %s', async (_, does, rows, key, count) => {
      const before = titles();
      const others: readonly Row[] = Array.from({ length: 30 }, (_, index) => index)
        .filter((index) => index !== BY_ADDRESS && index !== BY_RECORD)
        .map((index) => ({
          ...Object.fromEntries(Object.keys(rows()[0]!).map((name) => [name, ''])),
          ...(does === 'insert'
            ? { LastName: 'Y' }
            : key === undefined
              ? { Id: textOf(index, 'Id') }
              : { [key]: textOf(index, key) }),
        }));
      const refused = load(does, [...others, ...rows()], key);
      await expect(refused).rejects.toThrow(`Rows of people whose processing is restricted: ${count}.`);
      await expect(refused).rejects.not.toThrow(textOf(BY_ADDRESS, 'Email'));
      expect(titles()).toEqual(before);
    });

    it('are refused when it cannot be told who they change', async () => {
      await expect(load('update', [{ Title: 'X' }])).rejects.toThrow(
        'Rows that do not tell who they are about: 1.',
      );
    });

    it('are refused when a new opportunity gets a contact role of somebody restricted', async () => {
      const { proxy } = house;
      const made = () => around.salesforce.data.records('Opportunity').length;
      const rep = salesforceClient(proxy, PRINCIPALS.salesforceRep);
      const deal = (index: number) => ({
        Name: 'Deal',
        StageName: 'Open',
        CloseDate: '2026-12-01',
        ContactId: textOf(index, 'Id'),
      });
      const upload = (...indexes: readonly number[]) =>
        rep.bulk2.loadAndWaitForResults({
          object: 'Opportunity',
          operation: 'insert',
          input: indexes.map(deal),
          pollInterval: 50,
        });
      await rep.sobject('Opportunity').create(deal(OTHER));
      await rep.sobject('Opportunity').create([deal(OTHER), deal(10)]);
      expect((await upload(OTHER, 10)).successfulResults).toHaveLength(2);
      const before = made();
      for (const index of [BY_RECORD, BY_ADDRESS]) {
        const refused = 'processing is restricted: 1.';
        await expect(rep.sobject('Opportunity').create(deal(index))).rejects.toThrow(refused);
        await expect(rep.sobject('Opportunity').create([deal(OTHER), deal(index)])).rejects.toThrow(refused);
        await expect(upload(OTHER, index)).rejects.toThrow(refused);
      }
      expect(made()).toBe(before);
    });

    it('go through whoever they are about, for those who may see restricted people', async () => {
      const results = await salesforceClient(
        house.proxy,
        PRINCIPALS.privacyOfficer,
      ).bulk2.loadAndWaitForResults({
        object: 'Contact',
        operation: 'update',
        input: [{ Id: textOf(BY_RECORD, 'Id'), Title: 'By the officer' }],
        pollInterval: 50,
      });
      expect(results.successfulResults).toHaveLength(1);
      expect(textOf(BY_RECORD, 'Title')).toBe('By the officer');
    });

    it('and batches are refused alike: collections of Salesforce', async () => {
      const { proxy } = house;
      const contact = salesforceClient(proxy, PRINCIPALS.salesforceRep).sobject('Contact');
      const rows = (...indexes: readonly number[]) =>
        indexes.map((index) => ({
          Id: textOf(index, 'Id'),
          ExternalId__c: textOf(index, 'ExternalId__c'),
          Title: 'Batch',
        }));
      expect(await contact.update(rows(OTHER, 10))).toMatchObject([{ success: true }, { success: true }]);
      for (const attempt of [
        () => contact.update(rows(OTHER, BY_ADDRESS)),
        () => contact.upsert(rows(OTHER, BY_ADDRESS), 'ExternalId__c'),
        () => contact.destroy([textOf(OTHER, 'Id'), textOf(BY_ADDRESS, 'Id')]),
      ]) {
        await expect(attempt()).rejects.toThrow('because their processing is restricted: 1.');
      }
    });

    it('and batches are refused alike: those of HubSpot', async () => {
      const { batchApi } = hubspotClient(house.hubspotProxy, PRINCIPALS.hubspotRep).crm.contacts;
      const inputs = (...indexes: readonly number[]) =>
        indexes.map((index) => ({
          id: String(around.hubspot.data.records('contacts')[index]!['id']),
          properties: { jobtitle: 'Batch' },
        }));
      const byAddress = inputs(10, BY_ADDRESS).map((input, index) => ({
        ...input,
        id: around.salesforce.data.people[[10, BY_ADDRESS][index]!]!.email!,
        idProperty: 'email',
      }));
      expect((await batchApi.update({ inputs: inputs(OTHER, 10) })).results).toHaveLength(2);
      for (const attempt of [
        () => batchApi.update({ inputs: inputs(OTHER, BY_ADDRESS) }),
        () => batchApi.upsert({ inputs: byAddress }),
        () => batchApi.archive({ inputs: inputs(OTHER, BY_ADDRESS) }),
      ]) {
        await expect(attempt()).rejects.toThrow('because their processing is restricted: 1.');
      }
    });
  },
);

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { salesforceClient } from '../clients.ts';
import type { Premises } from '../house.ts';
import { PRINCIPALS, REP_SALESFORCE_ID } from '../principals.ts';
import { send } from '../wire.ts';
import { expectHidden, openVaultPremises, STORES, TOKEN, type VaultPremises } from './premises.ts';

describe.each(STORES)('records by a stored key, with a vault in %s', (_, config) => {
  let here: VaultPremises;
  let premises: Premises;
  beforeAll(async () => {
    here = await openVaultPremises(config);
    premises = here.premises;
  });
  afterAll(() => here.close());

  const officer = () => salesforceClient(premises.proxy, PRINCIPALS.privacyOfficer);

  it('upserts by a stored value, and finds the same record again', async () => {
    const contact = (title: string) => ({ ExternalId__c: 'canary-key', LastName: 'Keyed', Title: title });
    const first = await officer().sobject('Contact').upsert(contact('One'), 'ExternalId__c');
    const again = await officer().sobject('Contact').upsert(contact('Two'), 'ExternalId__c');
    expect([first, again]).toEqual([
      expect.objectContaining({ success: true }),
      expect.objectContaining({ success: true }),
    ]);
    const found = premises.salesforce.data
      .records('Contact')
      .filter((record) => record['LastName'] === 'Keyed');
    expect(found).toMatchObject([{ Title: 'Two', ExternalId__c: expect.stringMatching(TOKEN) }]);
  });

  it.each([
    [
      'one by one',
      (as: ReturnType<typeof salesforceClient>, record: object) =>
        as.sobject('Contact').upsert(record, 'ExternalId__c'),
    ],
    [
      'in a collection',
      (as: ReturnType<typeof salesforceClient>, record: object) =>
        as.sobject('Contact').upsert([record], 'ExternalId__c'),
    ],
    [
      'in bulk',
      (as: ReturnType<typeof salesforceClient>, record: object) =>
        as.bulk2.loadAndWaitForResults({
          object: 'Contact',
          operation: 'upsert',
          externalIdFieldName: 'ExternalId__c',
          input: [record as Record<string, string>],
          pollInterval: 50,
        }),
    ],
  ])('upserts by a stored value in whatever case: %s', async (how, upsert) => {
    const contact = (key: string, title: string) => ({ ExternalId__c: key, LastName: how, Title: title });
    await upsert(officer(), contact(`Key of ${how}`, 'One'));
    await upsert(officer(), contact(`KEY OF ${how}`, 'Two'));
    const { records } = await officer().query(
      `SELECT Title, ExternalId__c FROM Contact WHERE ExternalId__c = 'key of ${how}'`,
    );
    expect(records).toMatchObject([{ Title: 'Two', ExternalId__c: `Key of ${how}` }]);
  });

  describe('a sales representative, who writes by stored keys to records of their own alone', () => {
    const write = (method: string, key: string, body?: object) =>
      send(premises.proxy, {
        method,
        path: `/services/data/v59.0/sobjects/Contact/ExternalId__c/${key}`,
        token: PRINCIPALS.salesforceRep,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    const named = (LastName: string) =>
      premises.salesforce.data.records('Contact').filter((record) => record['LastName'] === LastName);

    beforeAll(async () => {
      const contacts = [
        { LastName: 'Own', ExternalId__c: 'canary-own' },
        { LastName: 'Foreign', ExternalId__c: 'canary-foreign' },
      ];
      const officer = salesforceClient(premises.proxy, PRINCIPALS.privacyOfficer);
      const made = await officer.sobject('Contact').create(contacts);
      expect(made.map(({ success }) => success)).toEqual([true, true]);
      await officer.sobject('Contact').update({ Id: String(made[0]?.id), OwnerId: REP_SALESFORCE_ID });
    });

    it('reaches their own, in whatever case, and nobody else’s', async () => {
      expect((await write('PATCH', 'Canary-OWN', { Title: 'Mine' })).status).toBe(200);
      expect(named('Own')).toMatchObject([{ Title: 'Mine' }]);
      for (const method of ['PATCH', 'DELETE'])
        expect(
          await write(method, 'canary-foreign', method === 'PATCH' ? { Title: 'Mine' } : undefined),
        ).toMatchObject({
          status: 403,
          text: expect.stringContaining('reps-see-their-own'),
        });
      expect(named('Foreign')).toMatchObject([{ LastName: 'Foreign' }]);
      expect(named('Foreign')[0]?.['Title'] ?? null).toBeNull();
    });

    it('cannot read the value of a token that they see elsewhere by writing it to a record of their own', async () => {
      const lead = { LastName: 'Lead', Company: 'Acme', NIF__c: '87654321X' };
      const { id: leadId } = await salesforceClient(premises.proxy, PRINCIPALS.privacyOfficer)
        .sobject('Lead')
        .create(lead);
      const rep = salesforceClient(premises.proxy, PRINCIPALS.salesforceRep);
      const seen = await rep.sobject('Lead').retrieve(String(leadId), { fields: ['Id', 'NIF__c'] });
      expect(seen['NIF__c']).toMatch(TOKEN);
      const id = String(named('Own')[0]?.['Id']);
      const refused = { message: expect.stringContaining('is the token of another person') };
      const NIF__c = String(seen['NIF__c']);
      await expect(rep.sobject('Contact').update({ Id: id, NIF__c })).rejects.toMatchObject(refused);
      await expect(rep.sobject('Contact').create({ LastName: 'Copy', NIF__c })).rejects.toMatchObject(
        refused,
      );
      expect(await rep.sobject('Lead').create({ ...lead, LastName: 'Twin', NIF__c })).toMatchObject({
        success: true,
      });
    });

    it('makes a record under a key that nobody has', async () => {
      expect((await write('PATCH', 'canary-fresh', { LastName: 'Fresh' })).status).toBe(201);
      expect(named('Fresh')).toMatchObject([{ ExternalId__c: expect.stringMatching(TOKEN) }]);
    });
  });

  it('leaves none of the keys with the CRM', () => {
    expectHidden(premises, []);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hubspotClient, salesforceClient } from '../clients.ts';
import type { Premises } from '../house.ts';
import { PRINCIPALS } from '../principals.ts';
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

describe.each(STORES)('HubSpot, through its client, with a vault in %s', (_, config) => {
  let here: VaultPremises;
  let premises: Premises;
  beforeAll(async () => {
    here = await openVaultPremises(config);
    premises = here.premises;
  });
  afterAll(() => here.close());

  const as = (who: keyof typeof PRINCIPALS) =>
    hubspotClient(premises.hubspotProxy, PRINCIPALS[who]).crm.contacts;
  const stored = (id: string): Record<string, unknown> =>
    premises.hubspot.data.records('contacts').find((record) => record['id'] === id)?.['properties'] as Record<
      string,
      unknown
    >;
  let id: string;

  it('keeps a token of what is created, and answers with the value', async () => {
    const created = await as('privacyOfficer').basicApi.create({
      properties: { email: 'vault@example.com', nif: NIF, iban: IBAN },
      associations: [],
    });
    id = created.id;
    expect(created.properties).toMatchObject({ nif: NIF, iban: IBAN });
    expect(stored(id)).toMatchObject({ nif: expect.stringMatching(TOKEN) });
  });

  it.each([
    ['privacyOfficer', NIF],
    ['support', `***${NIF.slice(-3)}`],
    ['marketing', expect.stringMatching(TOKEN)],
  ] as const)('shows %s its own', async (who, shown) => {
    const { properties } = await as(who).basicApi.getById(id, ['nif']);
    expect(properties['nif']).toEqual(shown);
  });

  it('finds a record by its value', async () => {
    const { results, total } = await as('privacyOfficer').searchApi.doSearch({
      filterGroups: [{ filters: [{ propertyName: 'nif', operator: 'EQ', value: NIF }] }],
      properties: ['nif'],
      limit: 10,
    } as never);
    expect(total).toBe(1);
    expect(results[0]).toMatchObject({ id, properties: { nif: NIF } });
  });

  it('finds a record by its value in whatever case', async () => {
    const value = 'Y1234567x';
    const properties = { email: 'spelling@example.com', nif: value };
    const created = await as('privacyOfficer').basicApi.create({ properties, associations: [] });
    for (const operator of ['EQ', 'IN']) {
      const asked = operator === 'EQ' ? { value: 'y1234567X' } : { values: ['y1234567x'] };
      const { results } = await as('privacyOfficer').searchApi.doSearch({
        filterGroups: [{ filters: [{ propertyName: 'nif', operator, ...asked }] }],
        properties: ['nif'],
        limit: 10,
      } as never);
      expect(results).toMatchObject([{ id: created.id, properties: { nif: value } }]);
    }
  });

  it.each([
    [{ operator: 'NEQ', value: NIF }, 0],
    [{ operator: 'NOT_IN', values: [NIF] }, 0],
    [{ operator: 'NEQ', value: '11111111H' }, 1],
    [{ operator: 'HAS_PROPERTY' }, 1],
    [{ operator: 'NOT_HAS_PROPERTY' }, 0],
  ])('tells whether a record has another value, or any: %j', async (filter, found) => {
    const { total } = await as('privacyOfficer').searchApi.doSearch({
      filterGroups: [
        {
          filters: [
            { propertyName: 'email', operator: 'EQ', value: 'vault@example.com' },
            { propertyName: 'nif', ...filter },
          ],
        },
      ],
      properties: ['nif'],
      limit: 10,
    } as never);
    expect(total).toBe(found);
  });

  it('writes many at once', async () => {
    const inputs = ['1', '2', '3'].map((digit) => ({
      properties: { email: `batch${digit}@example.com`, nif: `${digit}2345678X` },
      associations: [],
    }));
    const { results } = await as('privacyOfficer').batchApi.create({ inputs });
    expect(results.map(({ properties }) => String(properties['nif'])).toSorted()).toEqual([
      '12345678X',
      '22345678X',
      '32345678X',
    ]);
    for (const { id: own } of results) expect(stored(own)['nif']).toMatch(TOKEN);
  });

  it('gives equal values of both CRMs equal tokens', async () => {
    const created = await salesforceClient(premises.proxy, PRINCIPALS.privacyOfficer)
      .sobject('Contact')
      .create({ LastName: 'Vault', NIF__c: NIF });
    expect(here.storedContact(String(created.id))?.['NIF__c']).toBe(stored(id)['nif']);
  });

  it('leaves none of the values with the CRMs or in what Privet writes down', async () => {
    expectHidden(premises, [NIF, IBAN]);
    expect(await writtenDown(premises)).not.toContain(NIF);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hubspotClient, salesforceClient } from '../clients.ts';
import { mintToken } from '../principals.ts';
import {
  closeCompany,
  denied,
  expectFinds,
  hubspotFinds,
  hubspotId,
  indexesOf,
  openCompany,
  people,
  premises,
  read,
  salesforceFinds,
  salesforceId,
} from './company.ts';

beforeAll(openCompany);
afterAll(closeCompany);

describe('regions', () => {
  it('find for a partner the people of its own, with their totals', async () => {
    const eu = await mintToken('paz', { groups: ['partner'], region: 'EU' });
    await expectFinds(eu, ({ country }) => country === 'ES' || country === 'PL');
    const uk = await mintToken('pip', { groups: ['partner'], region: 'UK' });
    await expectFinds(uk, ({ country }) => country === 'GB');
  });

  it('find nobody for a partner of none', async () => {
    const token = await mintToken('pat', { groups: ['partner'] });
    expect((await salesforceFinds(token)).ids).toEqual([]);
    expect((await hubspotFinds(token)).ids).toEqual([]);
  });

  it('hide mail addresses of their people from outside, be it the caller or the app, and of people of whom the region is not known', async () => {
    const inside = await mintToken('ana', { groups: ['support'], region: 'EU' });
    const outside = await mintToken('bob', { groups: ['support'], region: 'UK' });
    const elsewhere = await mintToken('ana', { groups: ['support'], region: 'EU', azp: 'call-centre' });
    for (const [country, isMasked] of [
      ['ES', true],
      ['GB', false],
      ['UA', true],
    ] as const) {
      const [index = 0] = indexesOf((person) => person.country === country && person.email !== null);
      const email = people[index]?.email;
      const shown = isMasked ? expect.stringMatching(/^.\*\*\*@/) : email;
      for (const outsider of [outside, elsewhere]) {
        const byOutsider = await read(outsider, index, ['Email'], ['email']);
        expect([byOutsider.salesforce['Email'], byOutsider.hubspot['email']]).toEqual([shown, shown]);
      }
      const byInsider = await read(inside, index, ['Email'], ['email']);
      expect([byInsider.salesforce['Email'], byInsider.hubspot['email']]).toEqual([email, email]);
    }
  });
});

describe('a region that hides something of its people', () => {
  const outsider = () => mintToken('bob', { groups: ['support'], region: 'UK' });
  const to = 'GB';
  const indexOf = (country: string) =>
    indexesOf((person) => person.country === country && person.email !== null)[1] ?? 0;
  const refused = denied('eu-mail-stays-in-the-eu');

  it('is not changed by those from whom it hides it', async () => {
    const token = await outsider();
    const index = indexOf('ES');
    const contacts = salesforceClient(premises.proxy, token).sobject('Contact');
    await expect(contacts.update({ Id: salesforceId(index), MailingCountry: to })).rejects.toMatchObject(
      refused.salesforce,
    );
    const { basicApi, batchApi } = hubspotClient(premises.hubspotProxy, token).crm.contacts;
    const written = { id: hubspotId(index), properties: { country: to } };
    await expect(basicApi.update(written.id, written)).rejects.toMatchObject(refused.hubspot);
    await expect(batchApi.update({ inputs: [written] })).rejects.toMatchObject(refused.hubspot);
    const seen = await read(token, index, ['Email'], ['email']);
    const shown = expect.stringMatching(/^.\*\*\*@/);
    expect([seen.salesforce['Email'], seen.hubspot['email']]).toEqual([shown, shown]);
  });

  it('is not changed by an upload, of which then nothing is done', async () => {
    const load = async (token: string, rows: readonly Readonly<Record<string, string>>[]) =>
      salesforceClient(premises.proxy, token).bulk2.loadAndWaitForResults({
        object: 'Contact',
        operation: 'update',
        input: [...rows],
        pollInterval: 50,
      });
    const row = (index: number) => ({ Id: salesforceId(index), MailingCountry: to });
    const keyOf = (index: number) =>
      String(premises.salesforce.data.records('Contact')[index]?.['ExternalId__c']);
    const countries = () => premises.salesforce.data.records('Contact').map((one) => one['MailingCountry']);
    const before = countries();
    await expect(load(await outsider(), [row(indexOf('GB')), row(indexOf('ES'))])).rejects.toThrow(
      /depends on MailingCountry/,
    );
    expect(countries()).toEqual(before);
    const upsert = salesforceClient(premises.proxy, await outsider()).bulk2.loadAndWaitForResults({
      object: 'Contact',
      operation: 'upsert',
      externalIdFieldName: 'ExternalId__c',
      input: [{ ExternalId__c: keyOf(indexOf('ES')), MailingCountry: to }],
      pollInterval: 50,
    });
    await expect(upsert).rejects.toThrow(/depends on MailingCountry/);
    expect(countries()).toEqual(before);
    await load(await outsider(), [row(indexOf('GB'))]);
    await load(await mintToken('ana', { groups: ['support'], region: 'EU' }), [row(indexOf('ES'))]);
    expect(countries()[indexOf('ES')]).toBe(to);
  });

  it('keeps nobody from changing anything else', async () => {
    const token = await outsider();
    const index = indexOf('ES');
    const contacts = salesforceClient(premises.proxy, token).sobject('Contact');
    const stands = String(premises.salesforce.data.records('Contact')[index]?.['MailingCountry']);
    const update = { Id: salesforceId(index), MailingCountry: stands, Title: 'Chief' };
    await expect(contacts.update(update)).resolves.toMatchObject({ success: true });
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hubspotClient, salesforceClient } from '../clients.ts';
import { eventsIn } from '../events.ts';
import { mintToken, REP, REP_HUBSPOT_ID, REP_SALESFORCE_ID } from '../principals.ts';
import { send } from '../wire.ts';
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

describe('levels per record', () => {
  it.each([
    ['internal', ['public', 'internal', 'Internal']],
    ['strict', ['public', 'internal', 'Internal', 'confidential', 'strict']],
  ])('find for a clerk of level %s those up to it, with their totals', async (level, levels) => {
    const token = await mintToken('kai', { groups: ['clerk'], level });
    await expectFinds(
      token,
      ({ confidentiality }) => confidentiality !== null && levels.includes(confidentiality),
    );
    const count = await salesforceClient(premises.proxy, token).query('SELECT COUNT() FROM Contact');
    expect(count.totalSize).toBe(
      indexesOf(({ confidentiality }) => levels.includes(String(confidentiality))).length,
    );
  });

  it('are closed to a level that nobody declared, and to none', async () => {
    for (const held of [{ level: 'boss' }, {}]) {
      const token = await mintToken('kai', { groups: ['clerk'], ...held });
      expect((await salesforceFinds(token)).ids).toEqual([]);
      expect((await hubspotFinds(token)).ids).toEqual([]);
    }
  });

  it('deny a record above the clerk’s, and one without a level', async () => {
    const token = await mintToken('kai', { groups: ['clerk'], level: 'confidential' });
    const above = indexesOf(
      ({ confidentiality }) => confidentiality === 'strict' || confidentiality === null,
    );
    for (const index of above.slice(0, 2)) {
      const contacts = salesforceClient(premises.proxy, token).sobject('Contact');
      await expect(contacts.retrieve(salesforceId(index))).rejects.toMatchObject(
        denied('records-by-level').salesforce,
      );
      const { basicApi } = hubspotClient(premises.hubspotProxy, token).crm.contacts;
      await expect(basicApi.getById(hubspotId(index))).rejects.toMatchObject(
        denied('records-by-level').hubspot,
      );
    }
  });
});

describe('levels per category', () => {
  it('show a diagnosis from the level on that the category needs', async () => {
    const [index = 0] = indexesOf(
      ({ diagnosis, confidentiality }) => diagnosis !== null && confidentiality?.toLowerCase() === 'internal',
    );
    const { diagnosis } = people[index] ?? {};
    for (const [level, shown] of [
      ['internal', '[redacted]'],
      ['confidential', diagnosis],
      ['strict', diagnosis],
    ] as const) {
      const token = await mintToken('kai', { groups: ['clerk'], level });
      const seen = await read(token, index, ['Diagnosis__c'], ['diagnosis']);
      expect([level, seen.salesforce['Diagnosis__c'], seen.hubspot['diagnosis']]).toEqual([
        level,
        shown,
        shown,
      ]);
    }
  });
});

describe('roles that include roles', () => {
  it('are under what holds for those they include, unless they are excepted', async () => {
    const index = indexesOf(({ phone }) => phone !== null)[0] ?? 0;
    const { phone, birthdate } = people[index] ?? {};
    const year = `${birthdate?.slice(0, 4)}-01-01`;
    const support = await mintToken('ana', { groups: ['support'], region: 'EU' });
    const lead = await mintToken('lea', { groups: ['support-lead'], region: 'EU' });
    const bySupport = await read(support, index, ['Phone', 'Birthdate'], ['phone', 'date_of_birth']);
    const byLead = await read(lead, index, ['Phone', 'Birthdate'], ['phone', 'date_of_birth']);
    expect(bySupport.salesforce).toMatchObject({ Phone: expect.stringContaining('***'), Birthdate: year });
    expect(byLead.salesforce).toMatchObject({ Phone: phone, Birthdate: year });
    expect(bySupport.hubspot).toMatchObject({ phone: expect.stringContaining('***'), date_of_birth: year });
    expect(byLead.hubspot).toMatchObject({ phone, date_of_birth: year });
  });
});

describe('team records', () => {
  it('are found with their totals, in both spellings of an id', async () => {
    const others = [REP, (REP + 1) % 4];
    const salesforceTeam = premises.salesforce.data
      .records('Contact')
      .map((record) => String(record['OwnerId']))
      .filter((_, index) => people[index]?.owner === others[1]);
    const token = async (crm: 'salesforce' | 'hubspot') =>
      mintToken('olena', {
        groups: ['sales-rep'],
        crm_user: crm === 'salesforce' ? REP_SALESFORCE_ID : REP_HUBSPOT_ID,
        crm_team:
          crm === 'salesforce'
            ? [String(salesforceTeam[0]).slice(0, 15)]
            : [String(70_001 + (others[1] ?? 0))],
      });
    const indexes = indexesOf(({ owner }) => others.includes(owner));
    expect(indexes.length).toBeGreaterThan(indexesOf(({ owner }) => owner === REP).length);
    const salesforce = await salesforceFinds(await token('salesforce'));
    expect(salesforce).toEqual({ total: indexes.length, ids: indexes.map(salesforceId) });
    const hubspot = await hubspotFinds(await token('hubspot'));
    expect({ ...hubspot, ids: hubspot.ids.toSorted() }).toEqual({
      total: indexes.length,
      ids: indexes.map(hubspotId).toSorted(),
    });
  });

  it('are nobody’s for a representative without a team: their own are left', async () => {
    const token = await mintToken('olena', { groups: ['sales-rep'], crm_user: REP_SALESFORCE_ID });
    const own = indexesOf(({ owner }) => owner === REP);
    expect(await salesforceFinds(token)).toEqual({ total: own.length, ids: own.map(salesforceId) });
  });
});

describe('the audit trail', () => {
  it('says why records were left out and fields treated', async () => {
    const clerk = await mintToken('kai', { groups: ['clerk'], level: 'confidential', acr: 'none' });
    const lead = await mintToken('lea', { groups: ['support-lead'], region: 'EU', amr: ['pwd'] });
    await hubspotClient(premises.hubspotProxy, clerk).crm.contacts.basicApi.getPage(100);
    await salesforceClient(premises.proxy, clerk).query('SELECT Id FROM Lead');
    await salesforceClient(premises.proxy, clerk).query('SELECT Contact.LastName FROM Case');
    await salesforceClient(premises.proxy, lead).query('SELECT Description FROM Contact LIMIT 1');
    const said = async (): Promise<readonly string[]> =>
      (await eventsIn(premises.redis.client)).flatMap(({ omissions = [], unmet = [] }) =>
        [...omissions, ...unmet].map((one) => `${one.object}, ${one.policy}: ${one.reason}`),
      );
    await expect
      .poll(said)
      .toEqual(
        expect.arrayContaining([
          'contacts, records-by-level: rows: record.level in principal.levels',
          'Contact, records-by-level: rows: record.level in principal.levels',
          'Lead, leads-need-a-better-login: login: without acr urn:acme:loa:2',
          'Contact, notes-need-a-second-factor: login: without amr mfa',
        ]),
      );
  });
});

describe('purposes', () => {
  const phones = async (claims: { purposes?: readonly string[]; azp?: string }, asked?: string) => {
    const token = await mintToken('jan', { groups: ['marketing'], ...claims });
    const index = indexesOf(({ phone }) => phone !== null)[0] ?? 0;
    const headers = asked === undefined ? {} : { 'x-privet-purpose': asked };
    const answer = await send(premises.proxy, {
      path: `/services/data/v59.0/sobjects/Contact/${salesforceId(index)}?fields=Phone`,
      token,
      headers,
    });
    const other = await send(premises.hubspotProxy, {
      path: `/crm/v3/objects/contacts/${hubspotId(index)}?properties=phone`,
      token,
      headers,
    });
    return [answer, other].map(({ status, text }) => (status === 200 ? text.includes('hone":"') : text));
  };

  it.each([
    ['one below the policy’s, the only one held', { purposes: ['marketing.email'] }, undefined, false],
    ['one of several, asked for', { purposes: ['marketing', 'support'] }, 'marketing', false],
    ['another of several, asked for', { purposes: ['marketing', 'support'] }, 'support', true],
    ['the app’s', { azp: 'newsletter-tool' }, undefined, false],
  ])('decide what is shown: %s', async (_, claims, asked, shown) => {
    expect(await phones(claims, asked)).toEqual([shown, shown]);
  });

  it.each([
    [
      'none of several asked for',
      { purposes: ['marketing', 'support'] },
      undefined,
      'x-privet-purpose: marketing, support',
    ],
    [
      'one that is not held',
      { purposes: ['marketing', 'support'] },
      'sales',
      'x-privet-purpose: marketing, support',
    ],
    ['none held', {}, undefined, 'You act for none'],
  ])('are asked for where a policy is bound to one: %s', async (_, claims, asked, message) => {
    const [salesforce, hubspot] = await phones(claims, asked);
    for (const text of [salesforce, hubspot]) {
      expect(text).toContain(message);
      expect(text).toContain('marketing-by-mail-alone');
    }
  });
});

import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Person } from '../../../src/sandbox/people/people.ts';
import { hubspotClient, salesforceClient } from '../clients.ts';
import { eventsIn } from '../events.ts';
import { openPremises, type Premises } from '../house.ts';
import { mintToken, REP, REP_HUBSPOT_ID, REP_SALESFORCE_ID } from '../principals.ts';
import { send } from '../wire.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const SOON_MS = 10 * 86_400_000;
let premises: Premises;
let people: readonly Person[];

beforeAll(async () => {
  premises = await openPremises({
    config: 'test/e2e/access/config.yaml',
    sandbox: { people: 48, pageSize: 10 },
    environment: {
      AUDITOR_SHA256: sha256('auditor-key'),
      AUDITOR_UNTIL: new Date(Date.now() + SOON_MS).toISOString(),
      FORMER_SHA256: sha256('former-key'),
    },
  });
  people = premises.salesforce.data.people;
});

afterAll(() => premises.close());

const indexesOf = (wanted: (person: Person) => boolean): readonly number[] =>
  people.flatMap((person, index) => (wanted(person) ? [index] : []));
const salesforceId = (index: number) => String(premises.salesforce.data.records('Contact')[index]?.['Id']);
const hubspotId = (index: number) => String(premises.hubspot.data.records('contacts')[index]?.['id']);

/** What both vendors' clients find, page after page, and how many there are said to be. */
async function salesforceFinds(token: string) {
  const soql = 'SELECT Id FROM Contact ORDER BY ExternalId__c';
  const found = await salesforceClient(premises.proxy, token)
    .query(soql)
    .execute({ autoFetch: true, maxFetch: 500 });
  return { total: found.totalSize, ids: found.records.map(({ Id }) => String(Id)) };
}

async function hubspotFinds(token: string) {
  const { total, results } = await hubspotClient(
    premises.hubspotProxy,
    token,
  ).crm.contacts.searchApi.doSearch({
    limit: 100,
    properties: ['lastname'],
  });
  return { total, ids: results.map(({ id }) => id) };
}

async function expectFinds(token: string, wanted: (person: Person) => boolean): Promise<void> {
  const indexes = indexesOf(wanted);
  const [salesforce, hubspot] = await Promise.all([salesforceFinds(token), hubspotFinds(token)]);
  expect(salesforce).toEqual({ total: indexes.length, ids: indexes.map(salesforceId) });
  expect({ ...hubspot, ids: hubspot.ids.toSorted() }).toEqual({
    total: indexes.length,
    ids: indexes.map(hubspotId).toSorted(),
  });
}

/** A contact as both vendors' clients read it. */
async function read(token: string, index: number, fields: readonly string[], properties: readonly string[]) {
  const [salesforce, hubspot] = await Promise.all([
    salesforceClient(premises.proxy, token)
      .sobject('Contact')
      .retrieve(salesforceId(index), { fields: [...fields] }),
    hubspotClient(premises.hubspotProxy, token).crm.contacts.basicApi.getById(hubspotId(index), [
      ...properties,
    ]),
  ]);
  return { salesforce, hubspot: hubspot.properties };
}

const denied = (policy: string) => ({
  salesforce: {
    errorCode: 'INSUFFICIENT_ACCESS_OR_READONLY',
    message: expect.stringContaining(policy),
  },
  hubspot: { code: 403, message: expect.stringContaining(policy) },
});

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

describe('what ends by itself', () => {
  const withKey = (key: string) =>
    send(premises.proxy, {
      path: `/services/data/v59.0/sobjects/Contact/${salesforceId(0)}?fields=Email`,
      headers: { 'x-privet-key': key },
    });

  it('holds until its end: a key, and an exception', async () => {
    const answer = await withKey('auditor-key');
    expect([answer.status, JSON.parse(answer.text)]).toEqual([
      200,
      expect.objectContaining({ Email: people[0]?.email }),
    ]);
  });

  it('is over from then on: a key opens nothing, an exception excepts nobody', async () => {
    expect((await withKey('former-key')).status).toBe(403);
    const seen = await read(await mintToken('guest', { groups: ['auditor'] }), 0, ['Email'], ['email']);
    expect([seen.salesforce['Email'], seen.hubspot['email']]).toEqual([undefined, undefined]);
  });

  it('is told of beforehand and afterwards: in the audit trail once, in the log and in the metrics', async () => {
    const redis = new Redis(premises.redis.url);
    const told = async () =>
      (await eventsIn(redis)).flatMap(({ phase, reason = '' }) => (phase === 'policy' ? [reason] : []));
    await expect.poll(told).toHaveLength(3);
    expect((await told()).toSorted()).toEqual([
      'the exception for ids guest from policy "auditors-see-no-mail" has ended at 2026-01-31T17:00:00.000Z',
      expect.stringMatching(/^the key of "auditor" ends at /),
      'the key of "former-auditor" has ended at 2026-02-01T00:00:00.000Z',
    ]);
    redis.disconnect();
    expect(premises.log()).toContain('the key of \\"auditor\\" ends at ');
    const metrics = await (await fetch(`${premises.admin}/metrics`)).text();
    expect(metrics).toMatch(/^privet_grants_ending 1$/m);
    expect(metrics).toMatch(/^privet_grants_over 2$/m);
  });
});

describe('step-up', () => {
  const lead = (claims: Readonly<Record<string, unknown>>) =>
    mintToken('lea', { groups: ['support-lead'], region: 'EU', ...claims });

  it('hides fields from whoever has logged in with a password alone', async () => {
    const [index = 0] = indexesOf(({ notes }) => notes !== '');
    const weak = await read(await lead({ amr: ['pwd'] }), index, ['Description'], ['message']);
    expect([weak.salesforce['Description'], weak.hubspot['message']]).toEqual(['[redacted]', '[redacted]']);
    const strong = await read(await lead({ amr: ['pwd', 'mfa'] }), index, ['Description'], ['message']);
    const { notes } = people[index] ?? {};
    expect([strong.salesforce['Description'], strong.hubspot['message']]).toEqual([notes, notes]);
  });

  it('leaves records out for a login that is too weak, and says of a single one what to do', async () => {
    const clerk = (acr: string) => mintToken('kai', { groups: ['clerk'], level: 'strict', acr });
    const weak = salesforceClient(premises.proxy, await clerk('urn:acme:loa:1'));
    const strong = salesforceClient(premises.proxy, await clerk('urn:acme:loa:2'));
    const soql = 'SELECT Id FROM Lead';
    expect(await weak.query(soql)).toMatchObject({ totalSize: null, records: [] });
    await expect(weak.query('SELECT COUNT() FROM Lead')).rejects.toMatchObject(
      denied('leads-need-a-better-login').salesforce,
    );
    const { records, totalSize } = await strong.query<{ Id: string }>(soql);
    expect(totalSize).toBe(premises.salesforce.data.records('Lead').length);
    await expect(weak.sobject('Lead').retrieve(String(records[0]?.Id))).rejects.toMatchObject({
      message: expect.stringContaining('This needs a stronger login (acr urn:acme:loa:2).'),
    });
  });

  it('denies what needs it, saying what to do, and lets it through after that', async () => {
    const destroy = async (token: string) => {
      const index = people.length - 1;
      const contacts = salesforceClient(premises.proxy, token).sobject('Contact');
      const { basicApi } = hubspotClient(premises.hubspotProxy, token).crm.contacts;
      return Promise.allSettled([contacts.destroy(salesforceId(index)), basicApi.archive(hubspotId(index))]);
    };
    const { salesforce, hubspot } = denied('Log in again with a second factor');
    expect(await destroy(await lead({ amr: ['pwd'] }))).toMatchObject([
      { reason: salesforce },
      { reason: hubspot },
    ]);
    expect(await destroy(await lead({}))).toMatchObject([{ reason: salesforce }, { reason: hubspot }]);
    const done = await destroy(await lead({ amr: ['mfa'] }));
    expect(done.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
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

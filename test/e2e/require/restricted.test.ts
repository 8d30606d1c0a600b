import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CANARIES } from '../../../src/sandbox/sandbox.ts';
import { hubspotAttacks } from '../canary/hubspot-attacks.ts';
import { type KnownToAttacker, salesforceAttacks } from '../canary/salesforce-attacks.ts';
import { leaksIn } from '../canary/secrets.ts';
import { type OpenHouse, openHouseWith } from '../house.ts';
import { PRINCIPALS } from '../principals.ts';
import { send } from '../wire.ts';
import { append, event, openRegistrySurroundings, type RegistrySurroundings } from './registry.ts';

/** Has a lead, a case and a task beside the contact. */
const CANARY = 30;
const LINKED = 7;
/** Two contacts that are merged, one of whom is known by the id alone. */
const [PRIMARY, MERGED] = [10, 11];
const CONFIG = 'test/e2e/require/embedded.yaml';
const ALL = Object.keys(CANARIES) as (keyof typeof CANARIES)[];

let around: RegistrySurroundings;
let house: OpenHouse;
let known: KnownToAttacker;
let hubspotContact: string;
let merged: string;
/** Known by the id in Salesforce alone. */
let linked: { readonly salesforce: string; readonly hubspot: string };

beforeAll(async () => {
  around = await openRegistrySurroundings({ sandbox: { people: 60, pageSize: 20, canary: CANARY } });
  const contact = around.salesforce.data.records('Contact')[CANARY];
  hubspotContact = String(around.hubspot.data.records('contacts')[CANARY]?.['id']);
  known = {
    contactId: String(contact?.['Id']),
    fileId: String(around.salesforce.data.records('ContentVersion')[CANARY]?.['Id']),
    accountId: String(contact?.['AccountId']),
    reportId: '00O000000000001AAA',
    nativeLocator: '01gD0000002HU6KIAW-2000',
    nativeJobId: '750R0000000zlh9IAA',
    strangersNextUrl: '/services/data/v59.0/query/01gD0000002HU6KIAW-2000',
    strangersJobId: '750R0000000zlh9IAA',
  };
  linked = {
    salesforce: String(around.salesforce.data.records('Contact')[LINKED]?.['Id']),
    hubspot: String(around.hubspot.data.records('contacts')[LINKED]?.['id']),
  };
  merged = String(around.hubspot.data.records('contacts')[MERGED]?.['id']);
  await append(CONFIG, around.environment, [
    event('restricted', {
      record: `sales::${known.contactId}`,
      email: CANARIES.email,
      phone: CANARIES.phone,
    }),
    event('restricted', { record: `marketing:contacts:${hubspotContact}`, email: CANARIES.email }),
    event('restricted', { record: `sales::${linked.salesforce}` }),
    event('restricted', { record: `marketing:contacts:${merged}` }),
  ]);
  house = await openHouseWith(CONFIG, around.environment);
});

afterAll(async () => {
  await house.closeHouse();
  await around.close();
});

/** A representative from whom no policy hides anything. */
describe.each([
  ['Salesforce', () => [house.proxy, salesforceAttacks(known), PRINCIPALS.salesforceRep] as const],
  ['HubSpot', () => [house.hubspotProxy, hubspotAttacks(hubspotContact), PRINCIPALS.hubspotRep] as const],
])('somebody whose processing is restricted, in %s', (_, target) => {
  it('is found by the privacy officer, so that there is something to find', async () => {
    const [origin, attacks] = target();
    const found = new Set<string>();
    for (const { request, ends } of attacks) {
      if (ends !== 'treated') continue;
      const { text } = await send(origin, { ...request, token: PRINCIPALS.privacyOfficer });
      for (const name of leaksIn(text, ALL)) found.add(name);
    }
    expect(found.size).toBe(ALL.length);
  });

  it('is found by nobody else, by any way round', async () => {
    const [origin, attacks, token] = target();
    const wrong: string[] = [];
    for (const { name, request } of attacks) {
      const { text, headers } = await send(origin, { ...request, token });
      const sent = `${request.path}${String(request.body ?? '')}`;
      const leaks = leaksIn(`${JSON.stringify(headers)}\n${text}`, ALL).filter(
        (leak) => !sent.includes(CANARIES[leak]),
      );
      if (leaks.length > 0) wrong.push(`${name}: ${leaks.join(', ')}`);
    }
    expect(wrong).toEqual([]);
  });
});

describe('somebody of whom nothing but the id in Salesforce is on record', () => {
  const path = () => `/crm/v3/objects/contacts/${linked.hubspot}`;
  const ask = (token: string, body?: unknown) =>
    send(house.hubspotProxy, {
      path: path(),
      token,
      ...(body === undefined ? {} : { method: 'PATCH', body: JSON.stringify(body) }),
    });

  it('is hidden in HubSpot as soon as the contact there says which one it is', async () => {
    const { hubspotRep, privacyOfficer } = PRINCIPALS;
    expect((await ask(hubspotRep)).status).toBe(200);
    const link = { properties: { salesforcecontactid: linked.salesforce.slice(0, 15) } };
    expect((await ask(hubspotRep, link)).status).toBe(403);
    expect((await ask(privacyOfficer, link)).status).toBe(200);
    const hidden = await ask(hubspotRep);
    expect([hidden.status, hidden.text]).toEqual([
      403,
      expect.stringContaining('its processing is restricted'),
    ]);
    const search = await send(house.hubspotProxy, {
      method: 'POST',
      path: '/crm/v3/objects/contacts/search',
      token: hubspotRep,
      body: JSON.stringify({
        filterGroups: [
          { filters: [{ propertyName: 'hs_object_id', operator: 'EQ', value: linked.hubspot }] },
        ],
        properties: ['email'],
      }),
    });
    expect(JSON.parse(search.text)).toMatchObject({ total: 0, results: [] });
    expect((await ask(privacyOfficer)).status).toBe(200);
  });
});

describe('somebody restricted who is known by an address alone', () => {
  const officer = PRINCIPALS.privacyOfficer;

  it('is hidden where a case was written from it, whoever it is of', async () => {
    const written = { Subject: 'written from the web', SuppliedEmail: CANARIES.email.toUpperCase() };
    const post = (body: object) =>
      send(house.proxy, {
        method: 'POST',
        path: '/services/data/v59.0/sobjects/Case',
        token: officer,
        body: JSON.stringify(body),
      });
    expect((await post(written)).status).toBe(201);
    expect((await post({ ...written, SuppliedEmail: 'somebody@example.com' })).status).toBe(201);
    const path = `/services/data/v59.0/query?q=${encodeURIComponent('SELECT Id FROM Case WHERE Status = null AND Origin = null')}`;
    const seenBy = async (token: string) =>
      (JSON.parse((await send(house.proxy, { path, token })).text) as { totalSize: number }).totalSize;
    expect([await seenBy(officer), await seenBy(PRINCIPALS.salesforceRep)]).toEqual([2, 1]);
  });

  it('has nobody told what they are subscribed to, and others are told of', async () => {
    const statuses = async (address: string, token: string) =>
      (await send(house.hubspotProxy, { path: `/communication-preferences/v4/statuses/${address}`, token }))
        .status;
    const other = String(around.hubspot.data.people[1]?.email);
    expect(await statuses(CANARIES.email, PRINCIPALS.hubspotRep)).toBe(403);
    expect(await statuses(CANARIES.email, officer)).toBe(200);
    expect(await statuses(other, PRINCIPALS.hubspotRep)).toBe(200);
  });

  it('is hidden in HubSpot after a merge into a record that nothing was said of', async () => {
    const primary = String(around.hubspot.data.records('contacts')[PRIMARY]?.['id']);
    const path = `/crm/v3/objects/contacts/${primary}`;
    expect((await send(house.hubspotProxy, { path, token: PRINCIPALS.hubspotRep })).status).toBe(200);
    const body = JSON.stringify({ primaryObjectId: primary, objectIdToMerge: merged });
    const merge = { method: 'POST', path: '/crm/v3/objects/contacts/merge', body };
    expect((await send(house.hubspotProxy, { ...merge, token: PRINCIPALS.hubspotRep })).status).toBe(403);
    expect((await send(house.hubspotProxy, { ...merge, token: officer })).status).toBe(200);
    expect((await send(house.hubspotProxy, { path, token: PRINCIPALS.hubspotRep })).status).toBe(403);
  });

  it('is hidden in HubSpot where it is one of several', async () => {
    const id = String(around.hubspot.data.records('contacts')[9]?.['id']);
    const path = `/crm/v3/objects/contacts/${id}`;
    const properties = { hs_additional_emails: `old@example.com;${CANARIES.email}` };
    const body = JSON.stringify({ properties });
    expect((await send(house.hubspotProxy, { path, token: PRINCIPALS.hubspotRep })).status).toBe(200);
    const change = { method: 'PATCH', path, body };
    expect((await send(house.hubspotProxy, { ...change, token: PRINCIPALS.hubspotRep })).status).toBe(403);
    expect((await send(house.hubspotProxy, { ...change, token: officer })).status).toBe(200);
    expect((await send(house.hubspotProxy, { path, token: PRINCIPALS.hubspotRep })).status).toBe(403);
    const mail = (to: string) =>
      send(house.hubspotProxy, {
        method: 'POST',
        path: '/marketing/v4/email/single-send',
        token: PRINCIPALS.hubspotRep,
        body: JSON.stringify({ emailId: 1, message: { to } }),
      });
    expect((await mail('Old@example.com')).text).toContain('their processing is restricted');
    expect((await mail('nobody@example.com')).status).toBe(200);
  });
});

describe('the members of a list, with somebody whose processing is restricted among them', () => {
  const members = async (list: string, token: string) => {
    const { status, text } = await send(house.hubspotProxy, {
      path: `/crm/v3/lists/${list}/memberships?limit=250`,
      token,
    });
    expect(status).toBe(200);
    const { results } = JSON.parse(text) as { readonly results: readonly { readonly recordId: string }[] };
    return results.map(({ recordId }) => recordId).sort();
  };

  it('are shown but for them', async () => {
    const other = String(around.hubspot.data.records('contacts')[1]?.['id']);
    const added = await send(house.hubspotProxy, {
      method: 'PUT',
      path: '/crm/v3/lists/2/memberships/add',
      token: PRINCIPALS.privacyOfficer,
      body: JSON.stringify([hubspotContact, other]),
    });
    expect(added.status).toBe(200);
    expect(await members('2', PRINCIPALS.privacyOfficer)).toEqual([hubspotContact, other].sort());
    expect(await members('2', PRINCIPALS.hubspotRep)).toEqual([other]);
    expect(await members('4', PRINCIPALS.hubspotRep)).toContain(other);
  });
});

describe('what hangs on the case of somebody whose processing is restricted', () => {
  const NAME = 'planted on cases.txt';
  const V = '/services/data/v59.0';

  const ask = (path: string, token: string, body?: unknown) =>
    send(house.proxy, {
      path: V + path,
      token,
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });

  /** Plants a file and a mail on a case of whoever. */
  async function plant(contactId: string, planted: string) {
    const found = around.salesforce.data.records('Case').find(({ ContactId }) => ContactId === contactId);
    const ParentId = String(found?.['Id']);
    const officer = PRINCIPALS.privacyOfficer;
    const Body = Buffer.from(planted).toString('base64');
    const file = await ask('/sobjects/Attachment', officer, { ParentId, Name: NAME, Body });
    const mail = await ask('/sobjects/EmailMessage', officer, {
      ParentId,
      Subject: planted,
      TextBody: planted,
    });
    const task = await ask('/sobjects/Task', officer, { WhatId: ParentId, Subject: planted });
    expect([file.status, mail.status, task.status]).toEqual([201, 201, 201]);
    return (JSON.parse(file.text) as { id: string }).id;
  }

  it('is shown to nobody but those who see them, and what hangs on the cases of others is', async () => {
    const others = around.salesforce.data
      .records('Case')
      .map(({ ContactId }) => String(ContactId))
      .find((id) => id !== known.contactId);
    const hidden = await plant(known.contactId, 'about the restricted');
    const shown = await plant(String(others), 'about others');
    const rep = PRINCIPALS.salesforceRep;
    expect((await ask(`/sobjects/Attachment/${hidden}/Body`, PRINCIPALS.privacyOfficer)).text).toBe(
      'about the restricted',
    );
    expect((await ask(`/sobjects/Attachment/${hidden}/Body`, rep)).status).toBe(403);
    expect((await ask(`/sobjects/Attachment/${shown}/Body`, rep)).text).toBe('about others');
    const files = await ask(
      `/query?q=SELECT+Id+FROM+Attachment+WHERE+Name='${encodeURIComponent(NAME)}'`,
      rep,
    );
    expect(JSON.parse(files.text)).toMatchObject({ totalSize: 1, records: [{ Id: shown }] });
    const mails = await ask('/query?q=SELECT+Subject,TextBody+FROM+EmailMessage', rep);
    expect(mails.text).toContain('about others');
    expect(mails.text).not.toContain('about the restricted');
    const tasks = await ask('/query?q=SELECT+Subject+FROM+Task+WHERE+WhoId=null', rep);
    expect(JSON.parse(tasks.text)).toMatchObject({ totalSize: 1, records: [{ Subject: 'about others' }] });
  });

  it('is not in a quote that repeats how to reach them, whoever it names', async () => {
    const officer = PRINCIPALS.privacyOfficer;
    const made = async (object: string, record: object): Promise<string> => {
      const saved = await ask(`/sobjects/${object}`, officer, record);
      expect(saved.status, saved.text).toBe(201);
      return (JSON.parse(saved.text) as { id: string }).id;
    };
    const deal = { Name: 'Deal', StageName: 'Open', CloseDate: '2026-12-01' };
    const OpportunityId = await made('Opportunity', deal);
    const theirs = await made('Opportunity', deal);
    await made('OpportunityContactRole', { OpportunityId: theirs, ContactId: known.contactId });
    const ContactId = linked.salesforce;
    await made('Quote', { Name: 'by contact', OpportunityId, ContactId });
    await made('Quote', { Name: 'by address', OpportunityId, Email: CANARIES.email.toUpperCase() });
    await made('Quote', { Name: 'by the deal', OpportunityId: theirs });
    await made('Quote', { Name: 'of others', OpportunityId, Email: 'others@acme.example' });
    const names = async (token: string): Promise<unknown[]> => {
      const { text } = await ask('/query?q=SELECT+q.Name+FROM+quote+AS+q', token);
      return (JSON.parse(text) as { records: { Name: string }[] }).records.map(({ Name }) => Name);
    };
    expect(await names(officer)).toEqual(['by contact', 'by address', 'by the deal', 'of others']);
    expect(await names(PRINCIPALS.salesforceRep)).toEqual(['of others']);
    const copy = { Name: 'X', OpportunityId, ContactId };
    expect((await ask('/sobjects/Quote', PRINCIPALS.salesforceRep, copy)).status).toBe(403);
  });

  it('is not made, changed or put elsewhere by others', async () => {
    const rep = PRINCIPALS.salesforceRep;
    const caseOf = (contactId: string) =>
      String(around.salesforce.data.records('Case').find((one) => one['ContactId'] === contactId)?.['Id']);
    const WhatId = caseOf(known.contactId);
    expect((await ask('/sobjects/Task', rep, { WhatId, Subject: 'X' })).status).toBe(403);
    const task = around.salesforce.data.records('Task').find((one) => one['WhatId'] === WhatId);
    const path = `${V}/sobjects/Task/${String(task?.['Id'])}`;
    const change = (body: object) =>
      send(house.proxy, { method: 'PATCH', path, token: rep, body: JSON.stringify(body) });
    expect((await change({ Subject: 'X' })).status).toBe(403);
    expect((await change({ WhatId: null })).status).toBe(403);
  });
});

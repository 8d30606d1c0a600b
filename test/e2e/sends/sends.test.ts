import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { hubspotClient, salesforceClient } from '../clients.ts';
import { openPremises, type Premises } from '../house.ts';
import { PRINCIPALS } from '../principals.ts';
import { send } from '../wire.ts';

const DENIED = 'Only marketing writes to people. Ask privacy@example.com.';
const V = '/services/data/v59.0';
let premises: Premises;

beforeAll(async () => {
  premises = await openPremises({ config: 'test/e2e/sends/config.yaml', sandbox: { people: 12, seed: 3 } });
});

afterAll(() => premises.close());

const salesforce = (token: string = PRINCIPALS.marketing) => salesforceClient(premises.proxy, token);
const hubspot = (token: string = PRINCIPALS.marketing) => hubspotClient(premises.hubspotProxy, token);
const mailsOf = ({ outbox }: Sandbox): string[] => outbox.flatMap(({ to }) => to);
const textIn = (record: Readonly<Record<string, unknown>> | undefined, name: string): string =>
  String(record?.[name]);
const firstContact = (): string => textIn(premises.salesforce.data.records('Contact')[0], 'Id');
const campaign = (): string => textIn(premises.salesforce.data.records('Campaign')[0], 'Id');
const members = (): number => premises.salesforce.data.records('CampaignMember').length;
const mail = (emailAddresses: string): object => ({
  inputs: [{ emailAddresses, emailSubject: 'Spring', emailBody: 'Hello' }],
});

/** Everything in Salesforce that reaches people, as its own client does it. */
const SALESFORCE_SENDS: readonly [string, (token: string) => Promise<unknown>][] = [
  [
    'a mail',
    (token) => salesforce(token).requestPost(`${V}/actions/standard/emailSimple`, mail('ana@example.com')),
  ],
  [
    'a campaign member',
    async (token) =>
      salesforce(token)
        .sobject('CampaignMember')
        .create({ CampaignId: campaign(), ContactId: firstContact() }),
  ],
  [
    'campaign members in a collection',
    async (token) =>
      salesforce(token)
        .sobject('CampaignMember')
        .create([{ CampaignId: campaign(), ContactId: firstContact() }]),
  ],
  [
    'an upsert of a campaign member',
    async (token) =>
      salesforce(token)
        .sobject('CampaignMember')
        .upsert(
          { CampaignId: campaign(), ContactId: firstContact(), ExternalId__c: `M-${members()}` },
          'ExternalId__c',
        ),
  ],
];

/** Everything in HubSpot that reaches people. */
const HUBSPOT_SENDS: readonly [string, (token: string) => Promise<unknown>][] = [
  [
    'a transactional mail',
    (token) =>
      hubspot(token).marketing.transactional.singleSendApi.sendEmail({
        emailId: 4,
        message: { to: 'ana@example.com' },
      }),
  ],
  [
    'a single send',
    (token) =>
      hubspot(token)
        .apiRequest({
          method: 'POST',
          path: '/marketing/v4/email/single-send',
          body: { emailId: 4, message: { to: 'ana@example.com' } },
        })
        .then(refused),
  ],
  [
    'a subscription',
    (token) =>
      hubspot(token).communicationPreferences.statusApi.subscribe({
        emailAddress: 'ana@example.com',
        subscriptionId: '501',
      }),
  ],
  ['a list membership', (token) => hubspot(token).crm.lists.membershipsApi.add('2', ['1'])],
  [
    'a change of list memberships',
    (token) =>
      hubspot(token).crm.lists.membershipsApi.addAndRemove('2', {
        recordIdsToAdd: ['1'],
        recordIdsToRemove: [],
      }),
  ],
  [
    'the members of another list',
    (token) => hubspot(token).crm.lists.membershipsApi.addAllFromList('2', '1'),
  ],
];

/** `apiRequest` answers like `fetch`. */
async function refused(answer: Response): Promise<unknown> {
  if (answer.ok) return answer.json();
  throw new Error(await answer.text());
}

describe('one policy on sends', () => {
  it.each(SALESFORCE_SENDS)('keeps everybody it is for from %s in Salesforce', async (_, attempt) => {
    const before = { members: members(), heard: premises.salesforce.requests.length };
    await expect(attempt(PRINCIPALS.support)).rejects.toMatchObject({
      errorCode: 'INSUFFICIENT_ACCESS_OR_READONLY',
      message: expect.stringContaining(DENIED),
    });
    expect(members()).toBe(before.members);
    expect(premises.salesforce.requests).toHaveLength(before.heard);
    expect(mailsOf(premises.salesforce)).toEqual([]);
  });

  it('keeps them from campaign members in bulk, whoever they may be', async () => {
    const job = salesforce(PRINCIPALS.support).bulk2.createJob({
      object: 'CampaignMember',
      operation: 'insert',
    });
    await expect(job.open()).rejects.toMatchObject({ message: expect.stringContaining(DENIED) });
  });

  it.each(HUBSPOT_SENDS)('keeps everybody it is for from %s in HubSpot', async (_, attempt) => {
    const heard = premises.hubspot.requests.length;
    await expect(attempt(PRINCIPALS.support)).rejects.toThrow(DENIED);
    expect(premises.hubspot.requests).toHaveLength(heard);
    expect(mailsOf(premises.hubspot)).toEqual([]);
  });

  it('lets people out all the same', async () => {
    const api = hubspot(PRINCIPALS.support).communicationPreferences.statusApi;
    const status = await api.unsubscribe({ emailAddress: 'ana@example.com', subscriptionId: '501' });
    expect(status.status).toBe('NOT_SUBSCRIBED');
    const removed = await hubspot(PRINCIPALS.support).crm.lists.membershipsApi.remove('1', ['999']);
    expect(removed.recordIdsRemoved).toEqual([]);
  });

  it.each([
    ['POST', '/services/data/v59.0/Actions/Standard/EmailSimple', 403],
    ['POST', '/services/data/v59.0/actions/standard/%65mailSimple', 403],
    ['POST', '/services/data/v59.0//actions/standard/emailSimple', 400],
    ['POST', '/services/data/v59.0/actions/./standard/emailSimple', 400],
    ['POST', '/services/data/v59.0/actions/standard/emailSimple/', 403],
    ['POST', '/services/data/v59.0/actions/standard/emailSimple?x=1', 403],
    ['POST', '/hubspot/MARKETING/v4/email/single-send', 403],
    ['POST', '/hubspot/marketing/v4/email%2Fsingle-send', 400],
    ['POST', '/hubspot/email/public/v1/singleEmail/send', 403],
  ])('is not walked around by %s %s', async (method, path, status) => {
    const body = JSON.stringify({
      ...mail('ana@example.com'),
      emailId: 4,
      message: { to: 'ana@example.com' },
    });
    const answer = await send(premises.proxy, { method, path, token: PRINCIPALS.support, body });
    expect(answer.status).toBe(status);
    expect([...mailsOf(premises.salesforce), ...mailsOf(premises.hubspot)]).toEqual([]);
  });
});

describe('whoever may send', () => {
  it('sends mail through Salesforce', async () => {
    const answer = await salesforce().requestPost(
      `${V}/actions/standard/emailSimple`,
      mail('Ana <ana@example.com>, bo@example.com'),
    );
    expect(answer).toMatchObject([{ actionName: 'emailSimple', isSuccess: true, errors: null }]);
    expect(mailsOf(premises.salesforce)).toEqual(['ana@example.com', 'bo@example.com']);
  });

  it('sends mail through HubSpot', async () => {
    const answer = await hubspot().marketing.transactional.singleSendApi.sendEmail({
      emailId: 4,
      message: { to: 'ana@example.com' },
    });
    expect(answer.statusId).not.toBe('');
    expect(mailsOf(premises.hubspot)).toEqual(['ana@example.com']);
  });

  it('sends copies of what is filled from a record only when seeing all of it', async () => {
    const copied = (token: string) =>
      hubspot(token).marketing.transactional.singleSendApi.sendEmail({
        emailId: 4,
        message: { to: 'ana@example.com', cc: ['bo@example.com'] },
      });
    const inputs = [{ recipientId: firstContact(), ccRecipientAddressList: 'bo@example.com' }];
    const copiedBySalesforce = (token: string) =>
      salesforce(token).requestPost(`${V}/actions/standard/emailSimple`, { inputs });
    const sent = [mailsOf(premises.hubspot).length, mailsOf(premises.salesforce).length];
    await expect(copied(PRINCIPALS.marketing)).rejects.toMatchObject({ code: 403 });
    await expect(copiedBySalesforce(PRINCIPALS.marketing)).rejects.toMatchObject({
      message: expect.stringContaining('sends cannot be inspected'),
    });
    expect([mailsOf(premises.hubspot).length, mailsOf(premises.salesforce).length]).toEqual(sent);
    await copied(PRINCIPALS.privacyOfficer);
    expect(mailsOf(premises.hubspot).slice(-2)).toEqual(['ana@example.com', 'bo@example.com']);
  });

  it('puts people on campaigns and lists', async () => {
    const before = members();
    await salesforce()
      .sobject('CampaignMember')
      .create({ CampaignId: campaign(), ContactId: firstContact() });
    expect(members()).toBe(before + 1);
    const ids = (await hubspot().crm.lists.membershipsApi.getPage('1')).results.map(
      ({ recordId }) => recordId,
    );
    const added = await hubspot().crm.lists.membershipsApi.add('2', ids);
    expect(added.recordsIdsAdded).toEqual(ids);
    expect((await hubspot().crm.lists.membershipsApi.getPage('2')).results).toHaveLength(ids.length);
  });

  it('subscribes people', async () => {
    const status = await hubspot().communicationPreferences.statusApi.subscribe({
      emailAddress: 'ana@example.com',
      subscriptionId: '502',
    });
    expect(status.status).toBe('SUBSCRIBED');
  });

  it.each([
    ['an address that is none', mail('ana')],
    ['a quoted local part', mail('"ana"@example.com')],
    [
      'an input that is not known',
      { inputs: [{ emailAddresses: 'ana@example.com', toAddresses: 'bo@example.com' }] },
    ],
    [
      'a duplicate key',
      '{"inputs":[{"emailAddresses":"ana@example.com","emailAddresses":"bo@example.com"}]}',
    ],
  ])('is refused what cannot be read: %s', async (_, body) => {
    const sent = mailsOf(premises.salesforce).length;
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await send(premises.proxy, {
      method: 'POST',
      path: `${V}/actions/standard/emailSimple`,
      token: PRINCIPALS.marketing,
      body: text,
    });
    expect([400, 403]).toContain(answer.status);
    expect(answer.text).not.toContain('ana@');
    expect(mailsOf(premises.salesforce)).toHaveLength(sent);
  });

  it('does not mail files that are not shown', async () => {
    const file = textIn(premises.salesforce.data.records('ContentVersion')[0], 'Id');
    const body = {
      inputs: [
        {
          emailAddresses: 'jan@example.com',
          emailSubject: 'x',
          emailBody: 'x',
          attachmentIdCollection: [file],
        },
      ],
    };
    await expect(salesforce().requestPost(`${V}/actions/standard/emailSimple`, body)).rejects.toMatchObject({
      message: expect.stringContaining('files-are-hidden'),
    });
    await salesforce(PRINCIPALS.privacyOfficer).requestPost(`${V}/actions/standard/emailSimple`, body);
    expect(premises.salesforce.outbox.at(-1)?.attachments).toEqual([file]);
  });
});

describe('statuses of subscriptions', () => {
  it('are not looked up by an address that is not shown', async () => {
    const api = hubspot().communicationPreferences.statusApi;
    await expect(api.getEmailStatus('ana@example.com')).rejects.toThrow(/addresses-are-hidden/);
    await expect(
      hubspot()
        .apiRequest({
          method: 'POST',
          path: '/communication-preferences/v4/statuses/batch/read',
          body: { inputs: ['ana@example.com'] },
        })
        .then(refused),
    ).rejects.toThrow(/addresses-are-hidden/);
  });

  it('are looked up by whoever sees addresses', async () => {
    const api = hubspot(PRINCIPALS.privacyOfficer).communicationPreferences.statusApi;
    expect((await api.getEmailStatus('ana@example.com')).recipient).toBe('ana@example.com');
  });

  it('say nothing of the address where they answer a write', async () => {
    const answer = await send(premises.hubspotProxy, {
      method: 'POST',
      path: '/communication-preferences/v4/statuses/bo%40example.com',
      token: PRINCIPALS.marketing,
      body: JSON.stringify({ statusState: 'SUBSCRIBED', subscriptionId: 501, channel: 'EMAIL' }),
    });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('"subscriberIdString":"b***@example.com"');
    expect(answer.text).not.toContain('bo@example.com');
  });
});

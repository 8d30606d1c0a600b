import { afterAll, describe, expect, it } from 'vitest';
import { STAFF } from '../../src/sandbox/sandbox.ts';
import { openSandboxes } from './open.ts';

const EMAIL = '/services/data/v59.0/actions/standard/emailSimple';
const { salesforce, hubspot, connection, client, close } = await openSandboxes(30);

afterAll(close);

const contact = () => salesforce.data.records('Contact').find(({ Email }) => typeof Email === 'string')!;

describe('the sandbox Salesforce', () => {
  it('describes its actions', async () => {
    const { actions } = await connection.request<{ actions: { name: string }[] }>(
      '/services/data/v59.0/actions/standard',
    );
    expect(actions.map(({ name }) => name)).toEqual(['emailSimple']);
  });

  it('sends a mail to addresses, copies and records, and keeps it in its outbox', async () => {
    const inputs = [
      {
        emailAddresses: 'ana@example.com, Bo <bo@example.com>',
        ccRecipientAddressCollection: ['cy@example.com'],
        recipientId: contact()['Id'],
        emailSubject: 'Spring',
        emailBody: 'Hello',
        logEmailOnSend: true,
      },
    ];
    const results = await connection.requestPost(EMAIL, { inputs });
    expect(results).toMatchObject([{ isSuccess: true, errors: null }]);
    expect(salesforce.outbox.at(-1)).toEqual({
      to: ['ana@example.com', 'bo@example.com', 'cy@example.com', contact()['Email']],
      subject: 'Spring',
      attachments: [],
    });
    expect(salesforce.data.records('EmailMessage').at(-1)).toMatchObject({ Subject: 'Spring', Status: '3' });
  });

  it.each([
    ['without a recipient', { emailSubject: 'a', emailBody: 'b' }, 'INVALID_EMAIL_ADDRESS'],
    [
      'to what is no address',
      { emailAddresses: 'ana', emailSubject: 'a', emailBody: 'b' },
      'INVALID_EMAIL_ADDRESS',
    ],
    ['without a body', { emailAddresses: 'ana@example.com' }, 'REQUIRED_FIELD_MISSING'],
  ])('sends nothing %s', async (_, input, statusCode) => {
    const sent = salesforce.outbox.length;
    const answer = await fetch(salesforce.url + EMAIL, {
      method: 'POST',
      headers: { authorization: `Bearer ${STAFF[0]!.salesforceToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ inputs: [input] }),
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject([{ isSuccess: false, errors: [{ statusCode }] }]);
    expect(salesforce.outbox).toHaveLength(sent);
  });

  it('has campaigns with members', async () => {
    const members = await connection.query('SELECT Campaign.Name, Contact.Email FROM CampaignMember');
    expect(members.totalSize).toBe(3);
    expect(members.records[0]).toMatchObject({ Campaign: { Name: 'Spring newsletter' } });
  });
});

describe('the sandbox HubSpot', () => {
  const sendApi = () => client.marketing.transactional.singleSendApi;
  const statuses = () => client.communicationPreferences.statusApi;
  const memberships = () => client.crm.lists.membershipsApi;

  it('sends a mail from a template, and makes whoever gets it a contact', async () => {
    const answer = await sendApi().sendEmail({
      emailId: 9,
      message: { to: 'new@example.com', cc: ['cy@example.com'] },
      contactProperties: { city: 'Kraków' },
    });
    expect(answer).toMatchObject({ status: 'PENDING' });
    expect(hubspot.outbox.at(-1)?.to).toEqual(['new@example.com', 'cy@example.com']);
    expect(hubspot.data.records('contacts').at(-1)).toMatchObject({
      properties: { email: 'new@example.com', city: 'Kraków' },
    });
  });

  it('refuses a mail to what is no address', async () => {
    await expect(sendApi().sendEmail({ emailId: 9, message: { to: 'ana' } })).rejects.toMatchObject({
      code: 400,
    });
  });

  it('keeps subscriptions by address, and knows who has opted out before', async () => {
    const out = hubspot.data.people.find(({ email, optedOutOfEmail }) => email !== null && optedOutOfEmail)!;
    const before = await statuses().getEmailStatus(out.email!);
    expect(before.subscriptionStatuses.map(({ status }) => status)).toEqual([
      'NOT_SUBSCRIBED',
      'NOT_SUBSCRIBED',
    ]);
    const subscription = { emailAddress: 'ana@example.com', subscriptionId: '501' };
    expect((await statuses().subscribe(subscription)).status).toBe('SUBSCRIBED');
    expect((await statuses().getEmailStatus('ana@example.com')).subscriptionStatuses[0]).toMatchObject({
      id: '501',
      status: 'SUBSCRIBED',
    });
    expect((await statuses().unsubscribe(subscription)).status).toBe('NOT_SUBSCRIBED');
  });

  it('has the statuses of version 4, one by one and in batches', async () => {
    const call = async (method: string, path: string, body?: object): Promise<unknown> =>
      (await client.apiRequest({ method, path: `/communication-preferences/v4${path}`, body })).json();
    const one = '/statuses/bo@example.com';
    await call('POST', one, { statusState: 'SUBSCRIBED', subscriptionId: 502, channel: 'EMAIL' });
    expect(await call('GET', one)).toMatchObject({
      results: [{ status: 'NOT_SPECIFIED' }, { status: 'SUBSCRIBED' }],
    });
    expect(await call('GET', `${one}/unsubscribe-all`)).toMatchObject({ results: [] });
    await call('POST', '/statuses/batch/unsubscribe-all', { inputs: ['bo@example.com'] });
    expect(await call('POST', '/statuses/batch/read', { inputs: ['bo@example.com'] })).toMatchObject({
      results: [
        {
          subscriberIdString: 'bo@example.com',
          statuses: [{ status: 'UNSUBSCRIBED' }, { status: 'UNSUBSCRIBED' }],
        },
      ],
    });
    expect(
      await call('POST', '/statuses/batch/unsubscribe-all/read', { inputs: ['bo@example.com'] }),
    ).toMatchObject({
      results: [{ wideStatuses: [{ status: 'UNSUBSCRIBED' }] }],
    });
    expect(
      await call('POST', '/statuses/batch/write', {
        inputs: [
          {
            subscriberIdString: 'bo@example.com',
            statusState: 'SUBSCRIBED',
            subscriptionId: 501,
            channel: 'EMAIL',
          },
        ],
      }),
    ).toMatchObject({ results: [{ status: 'SUBSCRIBED' }] });
  });

  it('has lists that people are put on and taken off', async () => {
    const [first, second] = (await memberships().getPage('1')).results.map(({ recordId }) => recordId);
    expect((await memberships().add('2', [first!, '999999'])).recordIdsMissing).toEqual(['999999']);
    const changed = await memberships().addAndRemove('2', {
      recordIdsToAdd: [second!],
      recordIdsToRemove: [first!],
    });
    expect(changed).toMatchObject({ recordsIdsAdded: [second], recordIdsRemoved: [first] });
    await memberships().addAllFromList('2', '1');
    expect((await memberships().getPage('2')).results).toHaveLength(5);
    await memberships().removeAll('2');
    expect((await memberships().getPage('2')).results).toEqual([]);
    expect((await client.crm.lists.listsApi.getById('1')).list.name).toBe('Newsletter');
  });
});

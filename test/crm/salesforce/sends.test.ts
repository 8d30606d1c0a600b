import { describe, expect, it } from 'vitest';
import type { Recipients } from '../../../src/crm/recipients.ts';
import { createSalesforceAdapter } from '../../../src/crm/salesforce/adapter.ts';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import type { OpenLocator } from '../../../src/model/locator.ts';
import type { Operation, Recipient } from '../../../src/model/operation.ts';
import { crmRequest, nothingSealed, recognised, usesOf } from '../request.ts';

const adapter = createSalesforceAdapter(DEFAULT_LIMITS);
const V = '/services/data/v64.0';
const EMAIL = `POST ${V}/actions/standard/emailSimple`;
const CONTACT = '0035g000000001lAAA';
const LEAD = '00Q5g000000002mEAA';
const TEMPLATE = '00X5g000000004oAAA';
const CAMPAIGN = '7015g000000003nAAA';
const contact: Recipient = { object: 'Contact', id: CONTACT };
const lead: Recipient = { object: 'Lead', id: LEAD };
const mail = (input: object): object => ({ inputs: [{ emailSubject: 'Hi', emailBody: 'Hello', ...input }] });
const email = (...addresses: string[]): Recipient[] => addresses.map((address) => ({ email: address }));
const kindsOf = ({ kind, otherKinds = [] }: Operation): string[] => [kind, ...otherKinds];

describe('Salesforce e-mail actions', () => {
  it.each<[string, object, Recipient[]]>([
    ['a text', { emailAddresses: 'ana@example.com' }, email('ana@example.com')],
    [
      'several in a text',
      { emailAddresses: 'ana@example.com, bo@example.com' },
      email('ana@example.com', 'bo@example.com'),
    ],
    [
      'a collection',
      { emailAddressesArray: ['ana@example.com', 'bo@example.com'] },
      email('ana@example.com', 'bo@example.com'),
    ],
    ['a collection where a text is meant', { emailAddresses: ['ana@example.com'] }, email('ana@example.com')],
    [
      'a text where a collection is meant',
      { emailAddressesArray: 'ana@example.com' },
      email('ana@example.com'),
    ],
    ['display names', { emailAddresses: '"Ruiz, Ana" <ana@example.com>' }, email('ana@example.com')],
    [
      'copies',
      {
        emailAddresses: 'a@x.example',
        ccRecipientAddressList: 'b@x.example',
        bccRecipientAddressList: 'c@x.example',
      },
      email('a@x.example', 'b@x.example', 'c@x.example'),
    ],
    [
      'collections of copies',
      { ccRecipientAddressCollection: ['b@x.example'], bccRecipientAddressCollection: ['c@x.example'] },
      email('b@x.example', 'c@x.example'),
    ],
    [
      'the names of version 65',
      { recipientAddresses: 'a@x.example', ccAddresses: ['b@x.example'], bccAddresses: 'c@x.example' },
      email('a@x.example', 'b@x.example', 'c@x.example'),
    ],
    ['a record', { recipientId: CONTACT }, [contact]],
    ['a record by its short id', { recipientId: CONTACT.slice(0, 15) }, [contact]],
    [
      'a record by its long id with a suffix in small letters',
      { recipientId: `${CONTACT.slice(0, 15)}aaa` },
      [contact],
    ],
    ['a record of another object', { recipientId: LEAD }, [lead]],
    [
      'a record beside an address',
      { recipientId: CONTACT, emailAddresses: 'ana@example.com' },
      [...email('ana@example.com'), contact],
    ],
    [
      'nulls beside an address',
      { recipientId: null, ccAddresses: null, emailAddresses: 'ana@example.com' },
      email('ana@example.com'),
    ],
    ['one address twice', { emailAddresses: 'ana@example.com,ana@example.com' }, email('ana@example.com')],
  ])('reach %s', (_, input, recipients) => {
    const operation = recognised(adapter, EMAIL, mail(input));
    expect(operation).toMatchObject({
      route: 'email',
      kind: 'send',
      recipients: { named: recipients, untold: false },
    });
    expect(operation.objects).toEqual(expect.arrayContaining(['EmailMessage', 'Contact', 'Lead']));
  });

  it('reach the recipients of every input', () => {
    const inputs = [{ emailAddresses: 'ana@example.com' }, { emailAddresses: 'bo@example.com' }];
    expect(recognised(adapter, EMAIL, { inputs }).recipients?.named).toEqual(
      email('ana@example.com', 'bo@example.com'),
    );
  });

  it('may reach anybody when they name nobody', () => {
    const inputs = [
      { emailAddresses: 'ana@example.com' },
      { emailTemplateId: TEMPLATE, relatedRecordId: CAMPAIGN },
    ];
    expect(recognised(adapter, EMAIL, { inputs }).recipients).toEqual({
      named: email('ana@example.com'),
      untold: true,
    });
  });

  it.each<[string, object, true | undefined]>([
    ['a template filled from a record', { emailTemplateId: TEMPLATE, relatedRecordId: CONTACT }, true],
    ['that for anybody', { emailTemplateId: TEMPLATE, relatedRecordId: LEAD, recipientId: CONTACT }, true],
    [
      'copies of what a record gets',
      { recipientId: CONTACT, bccRecipientAddressList: 'eve@x.example' },
      true,
    ],
    ['what a person is told of herself', { emailTemplateId: TEMPLATE, recipientId: CONTACT }, undefined],
    ['a record that is only logged at', { emailAddresses: 'a@x.example', relatedRecordId: LEAD }, undefined],
    ['a template by itself', { emailAddresses: 'a@x.example', emailTemplateId: TEMPLATE }, undefined],
  ])('ask for a clear view where they tell of records: %s', (_, input, needsClearView) => {
    const inputs = [{ emailAddresses: 'a@x.example' }, input];
    expect(recognised(adapter, EMAIL, { inputs }).needsClearView).toBe(needsClearView);
  });

  it('take the files along that they attach', () => {
    const operation = recognised(
      adapter,
      EMAIL,
      mail({ emailAddresses: 'a@x.example', attachmentIdCollection: ['0685g000000001lAAA'] }),
    );
    expect(usesOf(operation)).toContain('ContentVersion.VersionData derive');
    expect(usesOf(recognised(adapter, EMAIL, mail({ emailAddresses: 'a@x.example' })))).toEqual([]);
  });

  it.each([
    EMAIL,
    `POST ${V}/Actions/Standard/EmailSimple`,
    `POST /services/data/v32.0/actions/standard/emailsimple`,
    `POST ${V}/actions/standard/%65mailSimple`,
  ])('are known by every spelling of their path: %s', (line) => {
    expect(recognised(adapter, line, mail({ emailAddresses: 'a@x.example' })).kind).toBe('send');
  });

  it.each<[string, unknown]>([
    ['no inputs', {}],
    ['an empty list of inputs', { inputs: [] }],
    ['inputs that are no list', { inputs: { emailAddresses: 'a@x.example' } }],
    ['an input that is none', { inputs: [null] }],
    ['an unknown member', { ...mail({ emailAddresses: 'a@x.example' }), sendAs: 'x' }],
    ['an unknown input', mail({ emailAddresses: 'a@x.example', moreAddresses: 'b@x.example' })],
    ['an input in other capitals', mail({ EmailAddresses: 'a@x.example' })],
    ['no address', mail({ emailAddresses: 'ana' })],
    ['an address that two parsers read differently', mail({ emailAddresses: '"ana"@example.com' })],
    ['a record id that is none', mail({ recipientId: 'ana@example.com' })],
    ['a record id whose capitals contradict its suffix', mail({ recipientId: LEAD.toLowerCase() })],
    ['a list of record ids', mail({ recipientId: [CONTACT] })],
    ['a duplicate key', `{"inputs":[{"emailAddresses":"a@x.example","emailAddresses":"b@x.example"}]}`],
  ])('are refused with %s', (_, body) => {
    expect(() => recognised(adapter, EMAIL, body)).toThrow(
      expect.objectContaining({ code: 'BODY_UNREADABLE' }),
    );
  });

  it.each([
    [`GET ${V}/actions`, 'actions'],
    [`GET ${V}/actions/standard`, 'standard-actions'],
    [`GET ${V}/actions/standard/emailSimple`, 'standard-action'],
  ])('are described: %s', (line, route) => {
    expect(recognised(adapter, line)).toMatchObject({ route, kind: 'metadata' });
  });

  it.each([
    `POST ${V}/actions/standard/chatterPost`,
    `POST ${V}/actions/standard/customNotificationAction`,
    `POST ${V}/actions/custom/flow/Send_Newsletter`,
    `GET ${V}/actions/custom/flow`,
    `POST ${V}/quickActions/SendEmail`,
  ])('are not all that actions may do: %s', (line) => {
    expect(adapter.recognise(crmRequest(line, {}), nothingSealed)).toBeUndefined();
  });
});

describe('Salesforce records that send', () => {
  const member = { CampaignId: CAMPAIGN, ContactId: CONTACT };

  it.each<[string, string, object, Recipients]>([
    ['a campaign member', 'CampaignMember', member, { named: [contact], untold: false, isMarketing: true }],
    [
      'a member in other capitals',
      'campaignmember',
      { campaignid: CAMPAIGN, CONTACTID: CONTACT.slice(0, 15) },
      { named: [contact], untold: false, isMarketing: true },
    ],
    [
      'a lead',
      'CampaignMember',
      { LeadId: LEAD, ContactId: null },
      { named: [lead], untold: false, isMarketing: true },
    ],
    [
      'a field that stands there twice',
      'CampaignMember',
      { LeadId: LEAD, leadid: '00Q5g000000005pEAA' },
      { named: [lead, { object: 'Lead', id: '00Q5g000000005pEAA' }], untold: false, isMarketing: true },
    ],
    [
      'a member by another of their fields',
      'CampaignMember',
      { Contact: { Email: 'ana@example.com' } },
      {
        named: [{ object: 'Contact', field: 'Email', id: 'ana@example.com' }],
        untold: false,
        isMarketing: true,
      },
    ],
    [
      'a member by their id behind the relationship',
      'CampaignMember',
      { contact: { attributes: { type: 'Contact' }, Id: CONTACT } },
      { named: [contact], untold: false, isMarketing: true },
    ],
    [
      'a member by several fields, or by what is no text',
      'CampaignMember',
      { Contact: { Email: 'ana@example.com', Key__c: 'k' }, Lead: { Key__c: 7 } },
      { named: [], untold: true, isMarketing: true },
    ],
    ['nobody', 'CampaignMember', { CampaignId: CAMPAIGN }, { named: [], untold: true, isMarketing: true }],
    [
      'a mail that has gone out',
      'EmailMessage',
      {
        Status: '3',
        ToAddress: 'ana@example.com; bo@example.com',
        CcAddress: null,
        BccAddress: 'cy@example.com',
      },
      { named: email('ana@example.com', 'bo@example.com', 'cy@example.com'), untold: false },
    ],
    [
      'a mail by the label of its status',
      'EmailMessage',
      { Status: 'Sent', ToAddress: 'ana@example.com' },
      { named: email('ana@example.com'), untold: false },
    ],
    [
      'a mail that came in and did not',
      'EmailMessage',
      { Status: '3', Incoming: true, incoming: false, ToAddress: 'ana@example.com' },
      { named: email('ana@example.com'), untold: false },
    ],
    [
      'a list e-mail',
      'ListEmail',
      { CampaignId: CAMPAIGN, Status: 'Scheduled' },
      { named: [], untold: true },
    ],
    [
      'a source of recipients',
      'ListEmailRecipientSource',
      { SourceListId: CAMPAIGN },
      { named: [], untold: true },
    ],
    [
      'a recipient of a list e-mail',
      'listemailindividualrecipient',
      { RecipientId: CONTACT },
      { named: [contact], untold: false },
    ],
  ])('are those that say %s', (_, object, record, recipients) => {
    const operation = recognised(adapter, `POST ${V}/sobjects/${object}`, record);
    expect(operation.recipients).toEqual(recipients);
    expect(kindsOf(operation)).toEqual(['create', 'send']);
  });

  it.each<[string, string, object]>([
    ['a draft', 'EmailMessage', { Status: '5', ToAddress: 'ana@example.com' }],
    ['a new mail', 'EmailMessage', { Status: 0, ToAddress: 'ana@example.com' }],
    ['a mail that came in', 'EmailMessage', { Status: '3', Incoming: true, ToAddress: 'ana@example.com' }],
    ['a mail without a status', 'EmailMessage', { ToAddress: 'ana@example.com' }],
    ['the draft of a list e-mail', 'ListEmail', { Status: 'Draft' }],
    ['a task', 'Task', { WhoId: CONTACT, Subject: 'Write to Ana' }],
    ['a campaign', 'Campaign', { Name: 'Spring' }],
  ])('are not %s', (_, object, record) => {
    const operation = recognised(adapter, `POST ${V}/sobjects/${object}`, record);
    expect(operation.recipients).toBeUndefined();
    expect(kindsOf(operation)).toEqual(['create']);
  });

  it.each<[string, string, unknown, Recipients]>([
    [
      'an update',
      `PATCH ${V}/sobjects/CampaignMember/00v5g000000006qAAA`,
      { Status: 'Sent' },
      { named: [], untold: true, isMarketing: true },
    ],
    [
      'an upsert',
      `PATCH ${V}/sobjects/CampaignMember/Ext__c/7`,
      member,
      { named: [contact], untold: false, isMarketing: true },
    ],
    [
      'an overridden method',
      `PATCH ${V}/sobjects/CampaignMember/Ext__c/7?_HttpMethod=PATCH`,
      member,
      { named: [contact], untold: false, isMarketing: true },
    ],
    [
      'an update of a mail',
      `PATCH ${V}/sobjects/EmailMessage/02s5g000000006qAAA`,
      { Status: '3' },
      { named: [], untold: true },
    ],
    [
      'a collection',
      `POST ${V}/composite/sobjects`,
      {
        records: [
          { attributes: { type: 'Task' } },
          { attributes: { type: 'CAMPAIGNMEMBER' }, ...member },
          { attributes: { type: 'CampaignMember' }, LeadId: LEAD },
        ],
      },
      { named: [contact, lead], untold: false, isMarketing: true },
    ],
    [
      'a collection of updates',
      `PATCH ${V}/composite/sobjects`,
      { records: [{ attributes: { type: 'CampaignMember' }, Id: '00v5g000000006qAAA', Status: 'Sent' }] },
      { named: [], untold: true, isMarketing: true },
    ],
    [
      'a collection of upserts',
      `PATCH ${V}/composite/sobjects/CampaignMember/Ext__c`,
      { records: [{ attributes: { type: 'CampaignMember' }, Ext__c: '7', ...member }] },
      { named: [contact], untold: false, isMarketing: true },
    ],
  ])('are read in %s', (_, line, body, recipients) => {
    const operation = recognised(adapter, line, body);
    expect(operation.recipients).toEqual(recipients);
    expect(kindsOf(operation)).toContain('send');
  });

  it('are about the people they name', () => {
    expect(recognised(adapter, `POST ${V}/sobjects/CampaignMember`, member).objects).toEqual([
      'CampaignMember',
      'Contact',
    ]);
  });

  it.each([[{ ContactId: 5 }], [{ ContactId: 'ana@example.com' }], [{ ContactId: [CONTACT] }]])(
    'are refused when a person cannot be told: %j',
    (record) => {
      expect(() => recognised(adapter, `POST ${V}/sobjects/CampaignMember`, record)).toThrow(
        expect.objectContaining({ code: 'BODY_UNREADABLE' }),
      );
    },
  );

  it('send nothing when they are deleted or read', () => {
    for (const line of [
      `DELETE ${V}/sobjects/CampaignMember/00v5g000000006qAAA`,
      `GET ${V}/sobjects/CampaignMember/00v5g000000006qAAA`,
    ]) {
      expect(recognised(adapter, line).recipients).toBeUndefined();
    }
  });

  it.each([
    ['insert', true],
    ['update', true],
    ['upsert', true],
    ['delete', false],
    ['hardDelete', false],
  ])('reach people untold in a bulk %s: %s', (does, sends) => {
    const job = {
      object: 'campaignMember',
      operation: does,
      externalIdFieldName: does === 'upsert' ? 'Ext__c' : undefined,
    };
    const created = recognised(adapter, `POST ${V}/jobs/ingest`, job);
    const open: OpenLocator = () => ({
      locator: '7505g000000001lAAA',
      continuation: created.continuation ?? '',
    });
    const upload = recognised(adapter, `PUT ${V}/jobs/ingest/sealed/batches`, undefined, open);
    for (const operation of [created, upload]) {
      expect(operation.recipients).toEqual(sends ? { named: [], untold: true } : undefined);
      expect(kindsOf(operation).includes('send')).toBe(sends);
    }
    expect(recognised(adapter, `GET ${V}/jobs/ingest/sealed`, undefined, open).recipients).toBeUndefined();
  });
});

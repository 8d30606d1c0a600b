import { describe, expect, it } from 'vitest';
import { createHubspotAdapter } from '../../../src/crm/hubspot/adapter.ts';
import type { Operation, Recipient } from '../../../src/model/operation.ts';
import { crmRequest, nothingSealed, recognised, usesOf } from '../request.ts';

const adapter = createHubspotAdapter();
const SINGLE = 'POST /marketing/v4/email/single-send';
const P = '/communication-preferences';
const email = (...addresses: string[]): Recipient[] => addresses.map((address) => ({ email: address }));
const contacts = (...ids: string[]): Recipient[] => ids.map((id) => ({ object: 'contacts', id }));
const kindsOf = ({ kind, otherKinds = [] }: Operation): string[] => [kind, ...otherKinds];
const unreadable = expect.objectContaining({ code: 'BODY_UNREADABLE' });

describe('HubSpot mails', () => {
  it.each([
    [SINGLE, 'single-send'],
    ['POST /marketing/email-campaigns/2026-03/single-send', 'single-send'],
    ['POST /Marketing/V4/Email/Single-Send', 'single-send'],
    ['POST /marketing/v3/transactional/single-email/send', 'transactional-send'],
    ['POST /marketing/transactional/2026-03/single-email/send', 'transactional-send'],
    ['POST /marketing/v3/transactional/single%2Demail/send', 'transactional-send'],
  ])('are known by every version of their path: %s', (line, route) => {
    const operation = recognised(adapter, line, { emailId: 4, message: { to: 'ana@example.com' } });
    expect(operation).toMatchObject({
      route,
      kind: 'send',
      objects: ['contacts'],
      recipients: { named: email('ana@example.com'), untold: false },
    });
  });

  it.each<[string, object, Recipient[]]>([
    [
      'copies',
      { to: 'a@x.example', cc: ['b@x.example'], bcc: ['c@x.example', 'd@x.example'] },
      email('a@x.example', 'b@x.example', 'c@x.example', 'd@x.example'),
    ],
    ['a display name', { to: 'Ana <ana@example.com>' }, email('ana@example.com')],
    ['several in a text', { to: 'a@x.example,b@x.example' }, email('a@x.example', 'b@x.example')],
    ['a list', { to: ['a@x.example', 'b@x.example'] }, email('a@x.example', 'b@x.example')],
    [
      'a text of copies',
      { to: 'a@x.example', cc: 'b@x.example; c@x.example' },
      email('a@x.example', 'b@x.example', 'c@x.example'),
    ],
    ['another script', { to: 'аня+news@münchen.example' }, email('аня+news@münchen.example')],
    [
      'not the sender',
      { to: 'a@x.example', from: 'shop@x.example', replyTo: ['help@x.example'], sendId: '7' },
      email('a@x.example'),
    ],
  ])('reach %s', (_, message, recipients) => {
    expect(recognised(adapter, SINGLE, { emailId: 4, message }).recipients).toEqual({
      named: recipients,
      untold: false,
    });
  });

  it('may reach anybody when they name nobody', () => {
    expect(recognised(adapter, SINGLE, { emailId: 4, message: { to: null } }).recipients).toEqual({
      named: [],
      untold: true,
    });
  });

  it.each<[object, true | undefined]>([
    [{ to: 'a@x.example', bcc: ['b@x.example'] }, true],
    [{ to: ['a@x.example', 'b@x.example'] }, true],
    [{ to: 'a@x.example', cc: ['a@x.example'] }, undefined],
    [{ to: 'a@x.example' }, undefined],
  ])('ask for a clear view where others read what they say of the contact: %j', (message, needsClearView) => {
    expect(recognised(adapter, SINGLE, { emailId: 4, message }).needsClearView).toBe(needsClearView);
  });

  it('write what they say of the contact', () => {
    const body = {
      emailId: 4,
      message: { to: 'a@x.example' },
      contactProperties: { phone: '1' },
      customProperties: { order: '7' },
    };
    const operation = recognised(adapter, SINGLE, body);
    expect(usesOf(operation)).toEqual(['contacts.phone write']);
    expect(kindsOf(operation)).toEqual(['send', 'create', 'update']);
  });

  it.each<[string, unknown]>([
    ['no message', { emailId: 4 }],
    ['a message that is a list', { message: [{ to: 'a@x.example' }] }],
    ['an unknown member', { message: { to: 'a@x.example' }, recipients: ['b@x.example'] }],
    ['an unknown member of the message', { message: { to: 'a@x.example', To: 'b@x.example' } }],
    ['a recipient that is an object', { message: { to: { email: 'a@x.example' } } }],
    ['a recipient that is no address', { message: { to: 'a@x.example', cc: ['ana'] } }],
    ['a duplicate key', '{"message":{"to":"a@x.example","to":"b@x.example"}}'],
    [
      'properties as a list',
      { message: { to: 'a@x.example' }, contactProperties: [{ name: 'phone', value: '1' }] },
    ],
    [
      'a property that is an object',
      { message: { to: 'a@x.example' }, contactProperties: { phone: { value: '1' } } },
    ],
  ])('are refused with %s', (_, body) => {
    expect(() => recognised(adapter, SINGLE, body)).toThrow(unreadable);
  });
});

describe('HubSpot subscriptions', () => {
  const subscription = {
    emailAddress: 'ana@example.com',
    subscriptionId: '7',
    legalBasis: 'CONSENT_WITH_NOTICE',
  };
  const status = (statusState: string, subscriberIdString?: string): object => ({
    statusState,
    subscriptionId: 7,
    channel: 'EMAIL',
    ...(subscriberIdString !== undefined && { subscriberIdString }),
  });

  it.each<[string, string, unknown, Recipient[]]>([
    ['a subscription', `POST ${P}/v3/subscribe`, subscription, email('ana@example.com')],
    [
      'a dated version',
      `POST ${P}/2026-03/statuses/ana%40example.com`,
      status('SUBSCRIBED'),
      email('ana@example.com'),
    ],
    [
      'a status',
      `POST ${P}/v4/statuses/ana@example.com`,
      status('SUBSCRIBED', 'ana@example.com'),
      email('ana@example.com'),
    ],
    [
      'a refusal that is taken back',
      `POST ${P}/v4/statuses/ana@example.com`,
      status('NOT_SPECIFIED'),
      email('ana@example.com'),
    ],
    [
      'a batch',
      `POST ${P}/v4/statuses/batch/write`,
      { inputs: [status('SUBSCRIBED', 'a@x.example'), status('UNSUBSCRIBED', 'b@x.example')] },
      email('a@x.example'),
    ],
  ])('reach people by %s', (_, line, body, recipients) => {
    const operation = recognised(adapter, line, body);
    expect(operation.recipients).toEqual({ named: recipients, untold: false, isMarketing: true });
    expect(kindsOf(operation)).toEqual(['send', 'update']);
    expect(operation.objects).toContain('contacts');
  });

  it.each<[string, string, unknown, Recipient[]]>([
    ['an unsubscription', `POST ${P}/v3/unsubscribe`, subscription, email('ana@example.com')],
    ['a status', `POST ${P}/v4/statuses/ana@example.com`, status('UNSUBSCRIBED'), email('ana@example.com')],
    [
      'a batch',
      `POST ${P}/v4/statuses/batch/write`,
      { inputs: [status('UNSUBSCRIBED', 'b@x.example')] },
      email('b@x.example'),
    ],
    [
      'all subscriptions',
      `POST ${P}/v4/statuses/ana@example.com/unsubscribe-all?channel=EMAIL`,
      undefined,
      email('ana@example.com'),
    ],
    [
      'a batch of all',
      `POST ${P}/v4/statuses/batch/unsubscribe-all`,
      { inputs: ['a@x.example', 'b@x.example'] },
      email('a@x.example', 'b@x.example'),
    ],
  ])('let people out by %s, which reaches nobody', (_, line, body, withdrawn) => {
    const operation = recognised(adapter, line, body);
    expect(operation.recipients).toBeUndefined();
    expect(kindsOf(operation)).toEqual(['update']);
    expect(operation.withdrawn?.map(({ recipient }) => recipient)).toEqual(withdrawn);
  });

  it.each<[string, string, unknown, (string | undefined)[]]>([
    ['one', `POST ${P}/v3/unsubscribe`, subscription, ['hs_email_optout_7']],
    [
      'one, beside somebody who is let in',
      `POST ${P}/v4/statuses/batch/write`,
      { inputs: [status('UNSUBSCRIBED', 'b@x.example'), status('SUBSCRIBED', 'c@x.example')] },
      ['hs_email_optout_7'],
    ],
    ['all', `POST ${P}/v4/statuses/ana@example.com/unsubscribe-all?channel=EMAIL`, undefined, [undefined]],
  ])('say which field tells that somebody is out of %s of the subscriptions', (_, line, body, fields) => {
    expect(recognised(adapter, line, body).withdrawn?.map(({ field }) => field)).toEqual(fields);
  });

  it.each<[string, string, unknown]>([
    ['the state of an address', `GET ${P}/v3/status/email/ana%40example.com`, undefined],
    ['the statuses of an address', `GET ${P}/v4/statuses/ana@example.com?channel=EMAIL`, undefined],
    ['whether it is out of all', `GET ${P}/v4/statuses/ana@example.com/unsubscribe-all`, undefined],
    ['a batch', `POST ${P}/v4/statuses/batch/read`, { inputs: ['ana@example.com'] }],
    [
      'a batch of those out of all',
      `POST ${P}/v4/statuses/batch/unsubscribe-all/read`,
      { inputs: ['ana@example.com'] },
    ],
  ])('look an address up to read %s', (_, line, body) => {
    const operation = recognised(adapter, line, body);
    expect(operation).toMatchObject({ kind: 'read', objects: ['communication_preferences', 'contacts'] });
    expect(operation.uses).toContainEqual({
      object: 'contacts',
      field: 'email',
      position: 'lookup',
      equals: ['ana@example.com'],
    });
  });

  it.each([
    `GET ${P}/v3/definitions`,
    `GET ${P}/v4/definitions?includeTranslations=true`,
    `GET ${P}/2026-03/definitions`,
  ])('have definitions: %s', (line) => {
    expect(recognised(adapter, line).kind).toBe('metadata');
  });

  it.each<[string, string, unknown]>([
    [
      'another subscriber than the path',
      `POST ${P}/v4/statuses/a@x.example`,
      status('SUBSCRIBED', 'b@x.example'),
    ],
    ['no state', `POST ${P}/v4/statuses/a@x.example`, { subscriptionId: 7 }],
    ['an unknown state', `POST ${P}/v4/statuses/a@x.example`, status('unsubscribed')],
    ['an unknown member', `POST ${P}/v3/subscribe`, { ...subscription, emails: ['b@x.example'] }],
    ['two addresses', `POST ${P}/v3/subscribe`, { ...subscription, emailAddress: 'a@x.example,b@x.example' }],
    ['a display name', `POST ${P}/v3/subscribe`, { ...subscription, emailAddress: 'Ana <a@x.example>' }],
    ['a list of addresses', `POST ${P}/v3/subscribe`, { ...subscription, emailAddress: ['a@x.example'] }],
    ['no address', `POST ${P}/v3/subscribe`, { subscriptionId: '7' }],
    ['no address in the path', `GET ${P}/v4/statuses/ana`, undefined],
    ['something beside the inputs', `POST ${P}/v4/statuses/batch/unsubscribe-all`, { inputs: [], all: true }],
    ['an input that is no object', `POST ${P}/v4/statuses/batch/write`, { inputs: ['a@x.example'] }],
  ])('are refused with %s', (_, line, body) => {
    expect(() => recognised(adapter, line, body)).toThrow(unreadable);
  });

  it('keep the links that belong to a person unknown', () => {
    const line = `POST ${P}/v4/links/generate`;
    expect(
      adapter.recognise(crmRequest(line, { subscriberIdString: 'a@x.example' }), nothingSealed),
    ).toBeUndefined();
  });
});

describe('HubSpot lists', () => {
  const MEMBERSHIPS = '/crm/v3/lists/12/memberships';

  it.each<[string, string, unknown, Recipient[]]>([
    ['ids', `PUT ${MEMBERSHIPS}/add`, ['101', '102'], contacts('101', '102')],
    ['ids as numbers', `PUT ${MEMBERSHIPS}/add`, [101], contacts('101')],
    ['a dated version', 'PUT /crm/lists/2026-03/12/memberships/add', ['101'], contacts('101')],
    [
      'ids beside others that are taken away',
      `PUT ${MEMBERSHIPS}/add-and-remove`,
      { recordIdsToAdd: ['101'], recordIdsToRemove: ['102'] },
      contacts('101'),
    ],
  ])('are added to by %s', (_, line, body, recipients) => {
    const operation = recognised(adapter, line, body);
    expect(operation).toMatchObject({
      objects: ['lists', 'contacts'],
      recipients: { named: recipients, untold: false },
    });
    expect(kindsOf(operation)).toEqual(['send', 'update']);
  });

  it('take over whoever is on another one', () => {
    const operation = recognised(adapter, `PUT ${MEMBERSHIPS}/add-from/13`);
    expect(operation).toMatchObject({ kind: 'send', recipients: { named: [], untold: true } });
  });

  it.each<[string, string, unknown]>([
    ['a removal', `PUT ${MEMBERSHIPS}/remove`, ['101']],
    ['a change that adds nobody', `PUT ${MEMBERSHIPS}/add-and-remove`, { recordIdsToRemove: ['101'] }],
    ['an addition of nobody', `PUT ${MEMBERSHIPS}/add`, []],
    ['the end of all memberships', `DELETE ${MEMBERSHIPS}`, undefined],
  ])('reach nobody by %s', (_, line, body) => {
    const operation = recognised(adapter, line, body);
    expect(operation.recipients).toBeUndefined();
    expect(kindsOf(operation)).toEqual(['update']);
  });

  it.each([
    ['GET /crm/v3/lists?listIds=12&includeFilters=true', 'lists', ['lists']],
    ['GET /crm/v3/lists/12', 'list-read', ['lists']],
    ['GET /crm/lists/2026-03/12', 'list-read', ['lists']],
    ['GET /crm/v3/lists/object-type-id/0-1/name/Newsletter', 'list-read-by-name', ['lists']],
    [`GET ${MEMBERSHIPS}?limit=10&after=5`, 'list-members', ['*']],
    [`GET ${MEMBERSHIPS}/join-order`, 'list-members', ['*']],
    ['GET /crm/v3/lists/records/0-1/101/memberships', 'lists-of-record', ['contacts']],
  ])('are read: %s', (line, route, objects) => {
    expect(recognised(adapter, line)).toMatchObject({ route, kind: 'read', objects });
  });

  it.each<[string, unknown]>([
    ['an object', { ids: ['101'] }],
    ['an address', ['ana@example.com']],
    ['zeros before an id', ['0101']],
    ['a number that is no id', [1.5]],
    ['null', [null]],
  ])('are not added to by %s', (_, body) => {
    expect(() => recognised(adapter, `PUT ${MEMBERSHIPS}/add`, body)).toThrow(unreadable);
  });

  it('are refused with an unknown member', () => {
    const body = { recordIdsToAdd: [], idsToAdd: ['101'] };
    expect(() => recognised(adapter, `PUT ${MEMBERSHIPS}/add-and-remove`, body)).toThrow(unreadable);
  });

  it.each([
    'POST /crm/v3/lists',
    'PUT /crm/v3/lists/12/update-list-filters',
    'GET /crm/v3/lists/folders',
    'GET /crm/v3/lists/idmapping',
    'POST /crm/v3/lists/records/memberships/batch/read',
  ])('keep %s unknown', (line) => {
    expect(adapter.recognise(crmRequest(line), nothingSealed)).toBeUndefined();
  });
});

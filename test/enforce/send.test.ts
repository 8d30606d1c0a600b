import { describe, expect, it } from 'vitest';
import { play, refusalOf, type Scene, V59 } from './fixture.ts';
import { registryOf } from './registry.ts';

const MAPS = `
dataMap: salesforce
objects:
  Contact: { fields: { Email: contact.email } }
  ContentVersion: { fields: { VersionData: document } }
---
dataMap: hubspot
objects:
  contacts:
    dataSubject: { id: hs_object_id }
    fields: { email: contact.email, birthdate: identity.birthdate, city: contact.address }
`;
const POLICIES = `
policy: hidden
show:
  identity.birthdate: { generalize: year }
  contact.email: { mask: email }
  document: remove
`;
const NO_SENDS = `
policy: no-sends
on: { operations: [send] }
deny: Nobody is written to.
`;
const mail = (more: object = {}): object => ({ emailId: 4, message: { to: 'ana@example.com' }, ...more });
const single = (body: object, policies = POLICIES): Scene => ({
  policies,
  maps: MAPS,
  crm: 'hubspot',
  request: 'POST /marketing/v4/email/single-send',
  body,
});

describe('a policy on sends', () => {
  const id = '0035e000001abcDAAQ';
  const member = { CampaignId: '7015e000001abcDAAQ', ContactId: id };

  it.each<[string, Scene]>([
    ['a mail', single(mail(), NO_SENDS)],
    [
      'a subscription',
      {
        ...single({ emailAddress: 'ana@example.com', subscriptionId: '7' }, NO_SENDS),
        request: 'POST /communication-preferences/v3/subscribe',
      },
    ],
    [
      'a status',
      {
        ...single({ statusState: 'SUBSCRIBED', subscriptionId: 7 }, NO_SENDS),
        request: 'POST /communication-preferences/v4/statuses/ana@example.com',
      },
    ],
    ['a list membership', { ...single(['7'], NO_SENDS), request: 'PUT /crm/v3/lists/1/memberships/add' }],
    [
      'the members of another list',
      { policies: NO_SENDS, crm: 'hubspot', request: 'PUT /crm/v3/lists/1/memberships/add-from/2' },
    ],
    [
      'an e-mail action',
      {
        policies: NO_SENDS,
        request: `POST ${V59}/actions/standard/emailSimple`,
        body: { inputs: [{ emailAddresses: 'ana@example.com' }] },
      },
    ],
    [
      'a campaign member',
      { policies: NO_SENDS, request: `POST ${V59}/sobjects/CampaignMember`, body: member },
    ],
    [
      'a changed campaign member',
      {
        policies: NO_SENDS,
        request: `PATCH ${V59}/sobjects/CampaignMember/00v5e000001abcDAAQ`,
        body: { Status: 'Sent' },
      },
    ],
    [
      'an upserted one',
      { policies: NO_SENDS, request: `PATCH ${V59}/sobjects/CampaignMember/Ext__c/7`, body: member },
    ],
    [
      'a collection of them',
      {
        policies: NO_SENDS,
        request: `POST ${V59}/composite/sobjects`,
        body: { records: [{ attributes: { type: 'CampaignMember' }, ...member }] },
      },
    ],
    [
      'a bulk job of them',
      {
        policies: NO_SENDS,
        request: `POST ${V59}/jobs/ingest`,
        body: { object: 'CampaignMember', operation: 'insert' },
      },
    ],
    [
      'a mail that has gone out',
      {
        policies: NO_SENDS,
        request: `POST ${V59}/sobjects/EmailMessage`,
        body: { Status: '3', ToAddress: 'ana@example.com' },
      },
    ],
  ])('refuses %s', async (_, scene) => {
    expect(await refusalOf(scene)).toEqual({ policy: 'no-sends', message: 'Nobody is written to.' });
  });

  it.each<[string, Scene]>([
    [
      'an unsubscription',
      {
        ...single({ emailAddress: 'ana@example.com', subscriptionId: '7' }, NO_SENDS),
        request: 'POST /communication-preferences/v3/unsubscribe',
      },
    ],
    [
      'the end of a membership',
      { ...single(['7'], NO_SENDS), request: 'PUT /crm/v3/lists/1/memberships/remove' },
    ],
    [
      'the end of a campaign membership',
      { policies: NO_SENDS, request: `DELETE ${V59}/sobjects/CampaignMember/00v5e000001abcDAAQ` },
    ],
    ['another record', { policies: NO_SENDS, request: `POST ${V59}/sobjects/Task`, body: { WhoId: id } }],
  ])('has nothing to say of %s', async (_, scene) => {
    await expect(play(scene)).resolves.toBeDefined();
  });

  it.each(['Contact', 'CampaignMember'])('that names %s holds for campaign members', async (object) => {
    const policies = `policy: p\non: { objects: [${object}], operations: [send] }\ndeny: No.\n`;
    const maps =
      'dataMap: salesforce\nobjects:\n  Contact: { fields: { Email: contact.email } }\n  CampaignMember: { fields: { Status: none } }\n';
    const scene = { policies, maps, request: `POST ${V59}/sobjects/CampaignMember`, body: member };
    expect((await refusalOf(scene)).policy).toBe('p');
  });
});

describe('what is answered to a send', () => {
  it('is never an error: nobody sends again what has been sent', async () => {
    const maps =
      'dataMap: hubspot\nobjects:\n  communication_preferences: { fields: { recipient: contact.email, status: none } }\n';
    const played = await play({
      policies: 'policy: own\nrows: record.status == "NONE"\n',
      maps,
      crm: 'hubspot',
      consent: registryOf([]),
      request: 'POST /communication-preferences/v3/subscribe',
      body: { emailAddress: 'ana@example.com', subscriptionId: '7' },
    });
    expect(played.answer({ recipient: 'ana@example.com', status: 'SUBSCRIBED' }).json()).toEqual({});
  });
});

describe('what a mail writes into the contact', () => {
  it('is sent as it is', async () => {
    const body = mail({ contactProperties: { city: 'Kraków', birthdate: '1985-07-12' } });
    expect((await play(single(body))).body).toEqual(body);
  });

  it('may be nothing', async () => {
    const body = mail({ contactProperties: null });
    expect((await play(single(body))).body).toEqual(body);
  });

  it('is refused where it may be what was shown in place of the value', async () => {
    const { policy, message } = await refusalOf(single(mail({ contactProperties: { birthdate: '1985' } })));
    expect({ policy, message }).toMatchObject({
      policy: 'hidden',
      message: expect.stringContaining('birthdate'),
    });
  });
});

describe('a file in a mail', () => {
  const body = {
    inputs: [{ emailAddresses: 'ana@example.com', attachmentIdCollection: ['0685e000001abcDAAQ'] }],
  };
  const scene = (policies: string): Scene => ({
    policies,
    maps: MAPS,
    request: `POST ${V59}/actions/standard/emailSimple`,
    body,
  });

  it('is refused to whoever does not see files', async () => {
    expect((await refusalOf(scene(POLICIES))).policy).toBe('hidden');
  });

  it('goes along for whoever does', async () => {
    expect((await play(scene('policy: p\nshow: { contact.email: remove }\n'))).body).toEqual(body);
  });
});

describe('a mail that tells of a record to others', () => {
  const copied = (policies: string): Scene =>
    single({ emailId: 4, message: { to: 'ana@example.com', bcc: ['eve@example.com'] } }, policies);
  const filled = (policies: string): Scene => ({
    policies,
    maps: MAPS,
    request: `POST ${V59}/actions/standard/emailSimple`,
    body: {
      inputs: [
        {
          emailAddresses: 'eve@example.com',
          emailTemplateId: '00X5e000001abcDAAQ',
          relatedRecordId: '0035e000001abcDAAQ',
        },
      ],
    },
  });

  it.each([
    ['a copy', copied],
    ['a template filled from it', filled],
  ])('is refused where not everything may be shown: %s', async (_, scene) => {
    expect((await refusalOf(scene(POLICIES))).message).toMatch(/sends cannot be inspected/);
    expect((await refusalOf(scene('policy: own\nrows: record.Email == "x"\n'))).policy).toBeDefined();
  });

  it.each([
    ['a copy', 'contacts', copied],
    ['a template filled from it', 'Contact', filled],
  ])('is refused where there is a limit on reading such records: %s', async (_, object, scene) => {
    const limited = `policy: few\non: { objects: [${object}] }\nlimit: { records: 5, per: 1h, then: deny }\n`;
    expect((await refusalOf(scene(limited))).policy).toBe('few');
  });

  it.each([
    ['a copy', copied],
    ['a template filled from it', filled],
  ])('is sent where everything may: %s', async (_, scene) => {
    expect((await play(scene('policy: p\non: { operations: [export] }\ndeny: No.\n'))).body).toBeDefined();
  });
});

import { describe, expect, it } from 'vitest';
import type { CrmRequest } from '../../../src/model/request.ts';
import { play, refusalOf, type Scene, V59 } from '../fixture.ts';
import { contact, ID, PEOPLE_MAPS, page, restricted, said } from '../people.ts';
import { registryOf } from '../registry.ts';

const POLICY = `
policy: mails-need-consent
on: { operations: [send] }
require: { consent: marketing.email, otherwise: deny }
`;

/** A Salesforce that has these contacts, and no leads. */
function salesforce(...contacts: readonly { readonly Id: string; readonly Email: string }[]) {
  return ({ path, query, body }: CrmRequest): unknown => {
    const soql = query.find(([name]) => name === 'q')?.[1] ?? '';
    if (path.endsWith('/query')) {
      return page(soql.includes('FROM Contact') ? contacts.filter(({ Email }) => soql.includes(Email)) : []);
    }
    const { ids } = JSON.parse(body?.toString() ?? '{}') as { ids: readonly string[] };
    return ids.map((id) => contacts.find(({ Id }) => Id === id) ?? null);
  };
}

function mail(inputs: readonly object[], over: Partial<Scene> = {}): Scene {
  return {
    policies: POLICY,
    maps: PEOPLE_MAPS,
    request: `POST ${V59}/actions/standard/emailSimple`,
    body: { inputs: inputs.map((input) => ({ emailBody: 'Hello', emailSubject: 'Hello', ...input })) },
    answers: salesforce(contact(1), contact(2), contact(3)),
    ...over,
  };
}

const to = (...indices: readonly number[]) => indices.map((index) => ({ recipientId: ID(index) }));

describe('a send', () => {
  it('passes to people who have agreed', async () => {
    const consent = registryOf([said(1, 'granted'), said(2, 'granted')]);
    const { refusal } = await play(mail(to(1, 2), { consent }));
    expect(refusal).toBeUndefined();
    expect(consent.asked.length).toBe(1);
  });

  it('is refused with a count, naming nobody, where some have not', async () => {
    const consent = registryOf([said(1, 'granted'), said(2, 'withdrawn')]);
    expect(await refusalOf(mail(to(1, 2, 3), { consent }))).toEqual({
      policy: 'mails-need-consent',
      message: '2 of 3 recipients have not agreed to marketing.email.',
    });
  });

  it.each([
    ['the record itself says no', { HasOptedOutOfEmail: true }, 'granted', false],
    ['the record itself says yes', { HasOptedOutOfEmail: false }, undefined, true],
    ['the record says yes, but the person withdrew', { HasOptedOutOfEmail: false }, 'withdrawn', false],
  ] as const)('to somebody of whom %s', async (_, flag, state, passes) => {
    for (const input of [{ recipientId: ID(1) }, { emailAddresses: 'p1@example.com' }]) {
      const consent = registryOf(state === undefined ? [] : [said(1, state)]);
      const answers = salesforce(contact(1, flag));
      const played = play(mail([input], { consent, answers }));
      if (passes) expect((await played).refusal).toBeUndefined();
      else await expect(played).rejects.toMatchObject({ denial: { policy: 'mails-need-consent' } });
    }
  });

  it('counts an address for the person who is kept under it, and for itself where nobody is', async () => {
    const consent = registryOf([
      said(1, 'withdrawn'),
      { who: { email: 'stranger@example.com' }, consent: { 'marketing.email': 'granted' } },
    ]);
    const stranger = { emailAddresses: 'stranger@example.com' };
    expect((await play(mail([stranger], { consent }))).refusal).toBeUndefined();
    const denial = await refusalOf(mail([stranger, { emailAddresses: 'p1@example.com' }], { consent }));
    expect(denial.message).toBe('1 of 2 recipients have not agreed to marketing.email.');
  });

  it('is refused where it cannot be told who it reaches, or who they are', async () => {
    const consent = registryOf([]);
    const untold = [mail([{}], { consent }), mail(to(1), { consent, answers: () => undefined })];
    for (const scene of untold) expect((await refusalOf(scene)).message).toContain('cannot be told');
  });

  it('reaches nobody who is restricted, whatever the policies say', async () => {
    const consent = registryOf([restricted(2)]);
    expect(await refusalOf(mail(to(1, 2), { policies: '', consent }))).toEqual({
      policy: 'restriction',
      message: '1 of 2 recipients may not be written to: their processing is restricted.',
    });
  });

  it('for marketing reaches nobody who has objected, whatever the policies say', async () => {
    const consent = registryOf([said(2, 'objected')]);
    const scene = mail(to(1, 2), { policies: '', consent });
    const purposes = ['marketing.email', 'support'];
    expect(await refusalOf({ ...scene, who: { purposes, purpose: 'marketing.email' } })).toEqual({
      policy: 'objection',
      message: '1 of 2 recipients may not be written to for marketing.email: they have objected.',
    });
    // Which of its purposes it is for is not known: it may be that one.
    expect((await refusalOf({ ...scene, who: { purposes } })).policy).toBe('objection');
    expect((await play({ ...scene, who: { purposes, purpose: 'support' } })).refusal).toBeUndefined();
  });

  it('asks nothing where nothing is required', async () => {
    const consent = registryOf([]);
    const { reads } = await play(mail(to(1), { policies: '', consent }));
    expect([reads, consent.asked]).toEqual([[], []]);
  });

  it.each([
    [
      'a campaign member',
      `${V59}/sobjects/CampaignMember`,
      { ContactId: ID(2), CampaignId: '7010000000000001AA' },
    ],
  ])('may be %s, who is put on a list', async (_, path, body) => {
    const policies = POLICY.replace('[send]', '[send, create]');
    const consent = registryOf([said(2, 'withdrawn')]);
    const denial = await refusalOf(mail([], { request: `POST ${path}`, body, policies, consent }));
    expect(denial.message).toBe('1 of 1 recipients have not agreed to marketing.email.');
  });

  it('may be a subscription in HubSpot', async () => {
    const consent = registryOf([
      { who: { email: 'p1@example.com' }, consent: { 'marketing.email': 'objected' } },
    ]);
    const answers = (): unknown => ({
      results: [
        { id: '1', properties: { email: 'p1@example.com', phone: null, hs_object_id: '1', agreed: 'true' } },
      ],
    });
    const denial = await refusalOf({
      policies: POLICY,
      maps: PEOPLE_MAPS,
      crm: 'hubspot',
      consent,
      answers,
      request: 'POST /communication-preferences/v3/subscribe',
      body: { emailAddress: 'p1@example.com', subscriptionId: '1' },
    });
    expect(denial.message).toBe('1 of 1 recipients have not agreed to marketing.email.');
  });

  describe('by another address of somebody in HubSpot', () => {
    const MAPS = PEOPLE_MAPS.replace(
      'phone: phone }',
      'phone: phone, also: { hs_additional_emails: email } }',
    );
    const ANA = {
      id: '1',
      properties: {
        email: 'p1@example.com',
        hs_additional_emails: 'old@example.com;Older@example.com',
        phone: null,
        hs_object_id: '1',
        agreed: null,
      },
    };

    /** A HubSpot with one contact, found by `batch/read` under the first address, and by a search under all others. */
    function hubspot({ path, body }: CrmRequest): unknown {
      const text = body?.toString() ?? '';
      const isFound = path.endsWith('/search')
        ? /"hs_additional_emails".*"old(?:er)?@example.com"/.test(text)
        : text.includes('p1@example.com');
      return { results: isFound ? [ANA] : [] };
    }

    const single = (address: string, over: Partial<Scene> = {}): Scene => ({
      policies: '',
      maps: MAPS,
      crm: 'hubspot',
      answers: hubspot,
      request: 'POST /marketing/v4/email/single-send',
      body: { emailId: 1, message: { to: address } },
      ...over,
    });

    it.each(['p1@example.com', 'old@example.com', 'OLDER@example.com'])(
      'reaches nobody who is restricted: %s',
      async (address) => {
        const consent = registryOf([{ who: { record: 'crm:contacts:1' }, restricted: true }]);
        expect((await refusalOf(single(address, { consent }))).policy).toBe('restriction');
        expect((await play(single('new@example.com', { consent }))).refusal).toBeUndefined();
      },
    );

    it('reaches nobody who has objected, and whoever has agreed', async () => {
      const who = { purposes: ['marketing'] };
      const objected = registryOf([{ who: { email: 'p1@example.com' }, consent: { marketing: 'objected' } }]);
      const old = single('old@example.com', { who });
      expect((await refusalOf({ ...old, consent: objected })).policy).toBe('objection');
      const agreed = registryOf([
        { who: { email: 'p1@example.com' }, consent: { 'marketing.email': 'granted' } },
      ]);
      expect((await play({ ...old, policies: POLICY, consent: agreed })).refusal).toBeUndefined();
    });

    it('is refused where HubSpot does not say whose it is', async () => {
      const consent = registryOf([restricted(1)]);
      const answers = (request: CrmRequest): unknown =>
        request.path.endsWith('/search') ? { status: 'error' } : hubspot(request);
      expect((await refusalOf(single('old@example.com', { consent, answers }))).message).toContain(
        'cannot be told',
      );
    });

    it('tells nobody what a restricted person is subscribed to', async () => {
      const consent = registryOf([{ who: { record: 'crm:contacts:1' }, restricted: true }]);
      const request = 'GET /communication-preferences/v4/statuses/old@example.com?channel=EMAIL';
      const { body: _, ...asked } = single('old@example.com', { consent, request });
      expect((await refusalOf(asked)).policy).toBe('restriction');
    });
  });

  describe('that puts people among those who get marketing reaches nobody who has objected, for whatever purpose', () => {
    const consent = registryOf([
      { who: { email: 'p1@example.com' }, consent: { marketing: 'objected' } },
      { who: { email: 'p2@example.com' }, consent: { 'marketing.email': 'granted' } },
    ]);
    const hubspot = { policies: '', maps: PEOPLE_MAPS, crm: 'hubspot', consent } as const;
    const nobody = (): unknown => ({ results: [] });
    const PREFERENCES = 'POST /communication-preferences';

    it.each<[string, (index: number) => Partial<Scene>]>([
      [
        'a subscription',
        (index) => ({
          ...hubspot,
          answers: nobody,
          request: `${PREFERENCES}/v3/subscribe`,
          body: { emailAddress: `p${index}@example.com`, subscriptionId: '1' },
        }),
      ],
      [
        'a status that is taken back',
        (index) => ({
          ...hubspot,
          answers: nobody,
          request: `${PREFERENCES}/v4/statuses/p${index}@example.com`,
          body: { subscriptionId: 1, statusState: 'NOT_SPECIFIED' },
        }),
      ],
      [
        'a campaign member',
        (index) => ({
          policies: '',
          request: `POST ${V59}/sobjects/CampaignMember`,
          body: { ContactId: ID(index), CampaignId: '7010000000000001AA' },
        }),
      ],
      [
        'a campaign member who is named by a key',
        (index) => ({
          policies: '',
          request: `POST ${V59}/sobjects/CampaignMember`,
          body: { CampaignId: '7010000000000001AA', Contact: { Key__c: `k${index}` } },
          answers: () => page([contact(index, { Key__c: `k${index}` })]),
        }),
      ],
      [
        'a campaign member, along with one who cannot be told',
        (index) => ({
          policies: '',
          request: `POST ${V59}/composite/sobjects`,
          body: {
            records: [
              { attributes: { type: 'CampaignMember' }, ContactId: ID(index) },
              { attributes: { type: 'CampaignMember' }, LeadOrContact: { Name: 'Ana' } },
            ],
          },
        }),
      ],
    ])('%s', async (_, of) => {
      for (const who of [{}, { purposes: ['support'] }]) {
        expect(await refusalOf(mail([], { who, consent, ...of(1) }))).toEqual({
          policy: 'objection',
          message: '1 of 1 recipients may not be written to for marketing: they have objected.',
        });
        expect((await play(mail([], { who, consent, ...of(2) }))).refusal).toBeUndefined();
      }
    });

    it('but a mail for another purpose does, and so does unsubscribing', async () => {
      const who = { purposes: ['support'] };
      const single = {
        ...hubspot,
        who,
        answers: nobody,
        request: 'POST /marketing/v4/email/single-send',
        body: { emailId: 1, message: { to: 'p1@example.com' } },
      };
      expect((await play(single)).refusal).toBeUndefined();
      const unsubscribing = {
        ...single,
        request: `${PREFERENCES}/v4/statuses/p1@example.com`,
        body: { subscriptionId: 1, statusState: 'UNSUBSCRIBED' },
      };
      expect((await play(unsubscribing)).refusal).toBeUndefined();
    });
  });
});

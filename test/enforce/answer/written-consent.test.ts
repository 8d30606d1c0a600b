import { describe, expect, it } from 'vitest';
import type { Seen } from '../../../src/consent/observe.ts';
import { play, type Scene, V59 } from '../fixture.ts';

const MAPS = `
dataMap: hubspot
objects:
  contacts:
    dataSubject: { id: id, email: email }
    consent:
      marketing.email: { field: hs_email_optout, granted: false }
      marketing.newsletter: { field: hs_email_optout_501, granted: false }
    fields: { email: contact.email, hs_email_optout: none, hs_email_optout_501: none }
---
dataMap: salesforce
objects:
  Contact:
    dataSubject: { id: Id, email: Email }
    consent: { marketing.email: { field: HasOptedOutOfEmail, granted: false } }
    fields: { Id: none, Email: contact.email, HasOptedOutOfEmail: none }
`;
const POLICIES = 'policy: none\nfor: { roles: [nobody] }\nshow: { contact.email: remove }\n';
const P = '/communication-preferences';
const ANA = { email: 'ana@example.com' };

/** What the registry hears of a request that the CRM has answered with this status. */
async function heard(scene: Pick<Scene, 'crm' | 'request' | 'body'>, status = 200): Promise<Seen[]> {
  const seen: Seen[] = [];
  const lately = { has: () => false, version: () => 0 };
  const feed = { observe: (more: readonly Seen[]) => void seen.push(...more), lately: () => lately };
  const played = await play({ policies: POLICIES, maps: MAPS, feed, ...scene });
  expect(seen).toEqual([]);
  await played.answer({}, { status }).discharged.settle();
  return seen.map(({ at: _, ...rest }) => ({ ...rest, at: 0 }));
}

const withdrawn = (who: Seen['who'], purpose: string, source: string) => ({
  who,
  purpose,
  state: 'withdrawn',
  source,
  at: 0,
});

describe('an unsubscribe through HubSpot', () => {
  const subscription = (subscriptionId: string) => ({
    emailAddress: ANA.email,
    subscriptionId,
    legalBasis: 'LEGITIMATE_INTEREST_CLIENT',
    legalBasisExplanation: 'asked',
  });
  const unsubscribe = { crm: 'hubspot', request: `POST ${P}/v3/unsubscribe` } as const;
  const all = { crm: 'hubspot', request: `POST ${P}/v4/statuses/${ANA.email}/unsubscribe-all` } as const;

  it.each<[string, Pick<Scene, 'crm' | 'request' | 'body'>, string]>([
    ['the purpose whose field it is', { ...unsubscribe, body: subscription('501') }, 'marketing.newsletter'],
    ['all marketing where no field tells', { ...unsubscribe, body: subscription('502') }, 'marketing'],
    ['all marketing where it is from everything', all, 'marketing'],
  ])('withdraws from %s', async (_, scene, purpose) => {
    expect(await heard(scene)).toEqual([withdrawn(ANA, purpose, 'crm')]);
  });

  it('is nothing when the CRM refuses it', async () => {
    expect(await heard({ ...unsubscribe, body: subscription('501') }, 400)).toEqual([]);
  });
});

describe('consent fields that are written', () => {
  const contact = (id: string, HasOptedOutOfEmail: boolean) => ({
    attributes: { type: 'Contact' },
    id,
    HasOptedOutOfEmail,
  });
  const [ana, ben] = ['0035g000000001lAAA', '0035g000000002kAAA'];
  const record = (id: string) => ({ record: `crm::${id}` });

  it('tell of one record what they say', async () => {
    const request = `PATCH ${V59}/sobjects/Contact/${ana}`;
    expect(await heard({ request, body: { HasOptedOutOfEmail: false } }, 204)).toEqual([
      { who: record(ana), purpose: 'marketing.email', granted: true, at: 0 },
    ]);
  });

  it('withdraw in a collection, and grant nothing: some of it may have failed', async () => {
    const request = `PATCH ${V59}/composite/sobjects`;
    const body = { allOrNone: false, records: [contact(ana, true), contact(ben, false)] };
    expect(await heard({ request, body })).toEqual([withdrawn(record(ana), 'marketing.email', 'crm-write')]);
    expect(await heard({ request, body }, 500)).toEqual([]);
  });

  it('withdraw in a batch', async () => {
    const inputs = [
      { id: '17', properties: { hs_email_optout: 'true' } },
      { id: '18', properties: { hs_email_optout: 'false' } },
    ];
    const batch = { crm: 'hubspot', request: 'POST /crm/v3/objects/contacts/batch/update' } as const;
    expect(await heard({ ...batch, body: { inputs } })).toEqual([
      withdrawn({ record: 'crm:contacts:17' }, 'marketing.email', 'crm-write'),
    ]);
  });
});

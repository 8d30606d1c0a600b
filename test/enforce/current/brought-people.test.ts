import { describe, expect, it } from 'vitest';
import { play, refusalOf, type Scene, V59 } from '../fixture.ts';
import { contact, ID, PEOPLE_MAPS } from '../people.ts';
import { registryOf } from '../registry.ts';
import { SCENE, salesforce, UNCHANGEABLE } from '../restricted.ts';

describe('the address or number of somebody restricted', () => {
  const byKeys = registryOf([
    { who: { email: 'p2@example.com' }, restricted: true },
    { who: { phone: '+34612345678' }, restricted: true },
  ]);
  const answers = salesforce(contact(1), contact(3));
  const scene = { ...SCENE, consent: byKeys, answers };
  const brought = 'Records of people whose processing is restricted: 1.';
  const typed = { attributes: { type: 'Contact' } };

  it.each<[string, Partial<Scene>]>([
    [
      'a new record',
      { request: `POST ${V59}/sobjects/Contact`, body: { LastName: 'X', Email: 'p2@example.com' } },
    ],
    [
      'a new record, by another spelling of the name',
      { request: `POST ${V59}/sobjects/Contact`, body: { LastName: 'X', emAIL: 'p2@example.com' } },
    ],
    [
      'a name that stands twice',
      {
        request: `POST ${V59}/sobjects/Contact`,
        body: { Email: 'p2@example.com', email: 'other@example.com' },
      },
    ],
    [
      'another’s record',
      { request: `PATCH ${V59}/sobjects/Contact/${ID(1)}`, body: { Phone: '+34612345678' } },
    ],
    [
      'an upsert by another key',
      { request: `PATCH ${V59}/sobjects/Contact/ExternalId__c/k9`, body: { Email: 'p2@example.com' } },
    ],
    [
      'new records among others',
      {
        request: `POST ${V59}/composite/sobjects`,
        body: {
          records: [
            { ...typed, Email: 'p1@example.com' },
            { ...typed, Email: 'p2@example.com', Phone: '+34612345678' },
          ],
        },
      },
    ],
    [
      'a new property',
      {
        crm: 'hubspot',
        request: 'POST /crm/v3/objects/contacts',
        body: { properties: { email: 'p2@example.com' } },
      },
    ],
    [
      'a batch',
      {
        crm: 'hubspot',
        request: 'POST /crm/v3/objects/contacts/batch/create',
        body: {
          inputs: [{ properties: { email: 'p1@x.com' } }, { properties: { email: 'p2@example.com' } }],
        },
      },
    ],
  ])('comes back in %s no more than in an upload', async (_, over) => {
    const denial = await refusalOf({ ...scene, request: '', ...over });
    expect(denial).toEqual({ policy: 'restriction', message: brought });
  });

  it('is looked up among what records refer to, also in new ones', async () => {
    const maps = PEOPLE_MAPS.replace('  Account:', '  Case: { fields: { Subject: none } }\n  Account:');
    const request = `POST ${V59}/sobjects/Case`;
    const body = { Subject: 'X', Contact: { Email: 'p2@example.com' } };
    const nobody = () => ({ done: true, records: [] });
    const denial = await refusalOf({ ...scene, maps, request, body, answers: nobody });
    expect(denial.message).toBe(UNCHANGEABLE);
  });

  it('does not keep others from being written', async () => {
    const request = `POST ${V59}/sobjects/Contact`;
    const body = { LastName: 'X', Email: 'p1@example.com', Phone: null };
    expect((await play({ ...scene, request, body })).body).toEqual(body);
  });
});

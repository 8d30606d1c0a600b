import { describe, expect, it } from 'vitest';
import { play, refusalOf, type Scene, V59 } from '../fixture.ts';
import { contact, ID } from '../people.ts';
import { registryOf } from '../registry.ts';
import { hubspot, SCENE, salesforce, UNCHANGEABLE } from '../restricted.ts';

const SALESFORCE_WRITES: readonly [string, Partial<Scene>][] = [
  ['an update', { request: `PATCH ${V59}/sobjects/Contact/${ID(2)}`, body: { LastName: 'X' } }],
  ['a delete', { request: `DELETE ${V59}/sobjects/Contact/${ID(2)}` }],
  [
    'a collection of updates',
    {
      request: `PATCH ${V59}/composite/sobjects`,
      body: {
        records: [1, 2].map((index) => ({ attributes: { type: 'Contact' }, Id: ID(index), LastName: 'X' })),
      },
    },
  ],
  ['a collection of deletes', { request: `DELETE ${V59}/composite/sobjects?ids=${ID(1)},${ID(2)}` }],
  [
    'an upsert by another key',
    { request: `PATCH ${V59}/sobjects/Contact/ExternalId__c/k2`, body: { LastName: 'X' } },
  ],
];

describe('whoever is restricted is not changed', () => {
  it.each(SALESFORCE_WRITES)('by %s in Salesforce', async (_, scene) => {
    const answers = salesforce(contact(1), contact(2));
    const denial = await refusalOf({ ...SCENE, request: '', ...scene, answers });
    expect(denial.policy).toBe('restriction');
    expect(denial.message).toBe(UNCHANGEABLE);
  });

  it.each([
    ['an update', { request: 'PATCH /crm/v3/objects/contacts/2', body: { properties: { firstname: 'X' } } }],
    ['a delete', { request: 'DELETE /crm/v3/objects/contacts/2' }],
    [
      'a batch of updates',
      {
        request: 'POST /crm/v3/objects/contacts/batch/update',
        body: { inputs: [{ id: '2', properties: { firstname: 'X' } }] },
      },
    ],
    [
      'an upsert by address',
      {
        request: 'POST /crm/v3/objects/contacts/batch/upsert',
        body: { inputs: [{ id: 'p2@example.com', idProperty: 'email', properties: { firstname: 'X' } }] },
      },
    ],
    [
      'an archive',
      { request: 'POST /crm/v3/objects/contacts/batch/archive', body: { inputs: [{ id: '2' }] } },
    ],
    ['an erasure', { request: 'POST /crm/v3/objects/contacts/gdpr-delete', body: { objectId: '2' } }],
    [
      'an erasure by address',
      {
        request: 'POST /crm/v3/objects/contacts/gdpr-delete',
        body: { idProperty: 'email', objectId: 'p2@example.com' },
      },
    ],
    [
      'a merge',
      {
        request: 'POST /crm/v3/objects/contacts/merge',
        body: { primaryObjectId: '1', objectIdToMerge: '2' },
      },
    ],
  ])('by %s in HubSpot', async (_, scene) => {
    const byAddress = registryOf([{ who: { email: 'p2@example.com' }, restricted: true }]);
    const denial = await refusalOf({
      ...SCENE,
      crm: 'hubspot',
      consent: byAddress,
      answers: hubspot,
      ...scene,
    });
    expect(denial.policy).toBe('restriction');
    expect(denial.message).toBe(UNCHANGEABLE);
  });

  it('but others are, and so is a restricted person by whoever may see them', async () => {
    const answers = salesforce(contact(1), contact(2));
    const update = (index: number, over: Partial<Scene> = {}) =>
      play({
        ...SCENE,
        request: `PATCH ${V59}/sobjects/Contact/${ID(index)}`,
        body: { LastName: 'X' },
        answers,
        ...over,
      });
    expect((await update(1)).body).toEqual({ LastName: 'X' });
    const officer = { visibleTo: ['privacy-officer'], who: { roles: ['privacy-officer'] } };
    expect((await update(2, officer)).body).toEqual({ LastName: 'X' });
  });

  it('and where it cannot be told who it is, nobody is', async () => {
    const scene = { ...SCENE, request: `DELETE ${V59}/sobjects/Contact/${ID(1)}`, answers: () => undefined };
    expect((await refusalOf(scene)).message).toContain('cannot be told');
  });

  it('in observe mode nothing is refused, and what would have been is said', async () => {
    const request = `DELETE ${V59}/sobjects/Contact/${ID(2)}`;
    const { refusal } = await play({ ...SCENE, mode: 'observe', request, answers: salesforce(contact(2)) });
    expect(refusal).toBe('restriction');
  });
});

import { describe, expect, it } from 'vitest';
import { play, refusalOf, type Scene } from '../fixture.ts';
import { ID, PEOPLE_MAPS } from '../people.ts';
import { registryOf, type Said } from '../registry.ts';
import { UNCHANGEABLE } from '../restricted.ts';

describe('whoever is restricted, known by something that another field holds', () => {
  const maps = PEOPLE_MAPS.replace(
    '{ id: hs_object_id, email: email, phone: phone }',
    `
      id: hs_object_id
      email: email
      phone: phone
      also:
        sfid: { crm: salesforce, object: Contact }
        twin: { crm: hubspot, object: contacts }
        emails: email
        mobile: phone`,
  );
  const found = (properties: Readonly<Record<string, string | null>>) => ({
    id: '7',
    properties: {
      hs_object_id: '7',
      email: 'ana@example.com',
      phone: null,
      sfid: null,
      twin: null,
      emails: null,
      mobile: null,
      ...properties,
    },
  });
  const scene = (said: Said['who']): Scene => ({
    policies: '',
    maps,
    crm: 'hubspot',
    consent: registryOf([{ who: said, restricted: true }]),
    request: 'GET /crm/v3/objects/contacts/7?properties=email',
  });

  it.each<[string, Said['who'], Readonly<Record<string, string>>]>([
    ['their id in another CRM', { record: `sales::${ID(2)}` }, { sfid: ID(2) }],
    ['the id of another record', { record: 'crm:contacts:9' }, { twin: '9' }],
    ['one of several ids', { record: 'crm:contacts:9' }, { twin: '8; 9;10' }],
    ['the short spelling of it', { record: `sales::${ID(2)}` }, { sfid: ID(2).slice(0, 15) }],
    [
      'one of several further addresses',
      { email: 'b@example.com' },
      { emails: 'a@example.com;b@example.com' },
    ],
    ['a further number', { phone: '+34600100200' }, { mobile: '+34600100200' }],
  ])('is not shown: by %s', async (_, who, properties) => {
    const { answerAfterLookUps, target } = await play(scene(who));
    for (const name of ['sfid', 'twin', 'emails', 'mobile']) expect(target).toContain(name);
    await expect(answerAfterLookUps(found(properties))).rejects.toMatchObject({ reason: 'withheld' });
    const { json } = await answerAfterLookUps(found({ sfid: ID(3), emails: 'c@example.com' }));
    // HubSpot tells the id in any case.
    expect(json()).toEqual({ id: '7', properties: { hs_object_id: '7', email: 'ana@example.com' } });
  });

  it('is not shown where the field is not in the answer: then nobody can tell', async () => {
    const { answerAfterLookUps } = await play(scene({ email: 'b@example.com' }));
    const { emails: _, ...properties } = found({}).properties;
    await expect(answerAfterLookUps({ id: '7', properties })).rejects.toMatchObject({ reason: 'withheld' });
  });

  it('is not changed, nor brought back', async () => {
    const write = { ...scene({ record: `sales::${ID(2)}` }), body: { properties: { firstname: 'X' } } };
    const update = { ...write, request: 'PATCH /crm/v3/objects/contacts/7' };
    const answers = () => ({ results: [found({ sfid: ID(2) })] });
    expect((await refusalOf({ ...update, answers })).message).toBe(UNCHANGEABLE);
    const body = { properties: { email: 'new@example.com', sfid: ID(2) } };
    const create = { ...write, body, request: 'POST /crm/v3/objects/contacts' };
    expect((await refusalOf(create)).policy).toBe('restriction');
  });

  it('is not found out by asking for it', async () => {
    const filters = [{ propertyName: 'sfid', operator: 'EQ', value: ID(2) }];
    const search = {
      ...scene({ record: `sales::${ID(2)}` }),
      request: 'POST /crm/v3/objects/contacts/search',
      body: { filterGroups: [{ filters }], properties: ['email'], limit: 1 },
    };
    const { answerAfterLookUps } = await play(search);
    const answered = { total: 1, results: [found({ sfid: ID(2) })] };
    expect((await answerAfterLookUps(answered)).json()).toEqual({ total: 0, results: [] });
  });
});

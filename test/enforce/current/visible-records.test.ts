import { describe, expect, it } from 'vitest';
import { play, refusalOf, type Scene } from '../fixture.ts';
import { registryOf } from '../registry.ts';

const MAPS = `
dataMap: hubspot
objects:
  contacts:
    dataSubject: { id: hs_object_id, email: email }
    owner: hubspot_owner_id
    fields: { email: contact.email, hubspot_owner_id: none }
  companies:
    fields: { name: none }
`;
const OWN = `
policy: own
on: { objects: [contacts] }
rows: record.owner == principal.crmUserId
`;
const CONTACTS = '/crm/v3/objects/contacts';
const OF_ONE = 'GET /crm/v4/objects/contacts/7/associations/companies';
const OF_MANY = 'POST /crm/v4/associations/contacts/companies/batch/read';
const MERGE = `POST ${CONTACTS}/merge`;

const record = (id: string, owner: string) => ({
  id,
  properties: { hs_object_id: id, email: `p${id}@example.com`, hubspot_owner_id: owner },
});
const scene = (
  request: string,
  owners: Readonly<Record<string, string>>,
  more: Partial<Scene> = {},
): Scene => ({
  crm: 'hubspot',
  policies: OWN,
  maps: MAPS,
  who: { crmUserId: '42' },
  request,
  current: { results: Object.entries(owners).map(([id, owner]) => record(id, owner)) },
  ...more,
});
const WHOSE: [string, string, unknown?][] = [
  ['whose associations are listed', OF_ONE],
  ['whose associations are listed among others', OF_MANY, { inputs: [{ id: '7' }, { id: '8' }] }],
  ['whose lists are listed', 'GET /crm/v3/lists/records/0-1/7/memberships'],
  ['that is merged into another', MERGE, { primaryObjectId: '8', objectIdToMerge: '7' }],
  ['into which another is merged', MERGE, { primaryObjectId: '7', objectIdToMerge: '8' }],
];

describe('a record that an answer tells of without showing it', () => {
  it.each(WHOSE)('may be one that may be shown: %s', async (_, request, body) => {
    const { reads } = await play(scene(request, { 7: '42', 8: '42' }, { body }));
    expect(new Set(reads.map(({ path }) => path))).toEqual(new Set([`${CONTACTS}/batch/read`]));
  });

  it.each(WHOSE)('may be none that may not: %s', async (_, request, body) => {
    const { policy, message } = await refusalOf(scene(request, { 7: '41', 8: '42' }, { body }));
    expect(policy).toBe('own');
    // What rows say of writes is said first.
    expect(message).toMatch(/^This record may not be shown to you\.$|^Records that may not be changed/);
  });

  it('may be none of which nothing is known', async () => {
    expect((await refusalOf(scene(OF_ONE, {}))).policy).toBe('own');
    expect((await refusalOf(scene(OF_ONE, {}, { current: undefined }))).policy).toBe('own');
    expect((await refusalOf(scene('GET /crm/v4/objects/2-9/7/associations/companies', {}))).policy).toBe(
      'own',
    );
  });

  it('is not looked at where every record of its object may be shown', async () => {
    const { reads } = await play(scene('GET /crm/v4/objects/companies/7/associations/deals', {}));
    expect(reads).toEqual([]);
  });

  it('may be nobody who has not agreed to it', async () => {
    const agreed = {
      policies: `
policy: agreed
on: { objects: [contacts] }
require: { consent: marketing.email, otherwise: omit-record }
`,
    };
    const consent = registryOf([
      { who: { email: 'p7@example.com' }, consent: { 'marketing.email': 'granted' } },
    ]);
    const other = OF_ONE.replace('/7/', '/8/');
    expect((await play(scene(OF_ONE, { 7: '1' }, { ...agreed, consent }))).reads).toHaveLength(1);
    expect((await refusalOf(scene(other, { 8: '1' }, { ...agreed, consent }))).message).toBe(
      'This record may not be shown to you without consent to marketing.email.',
    );
  });
});

describe('associations within a record', () => {
  it('are ids of records, of which only those stay that may be shown', async () => {
    const { answer } = await play(
      scene(`GET /crm/v3/objects/companies/1?associations=contacts,deals&properties=name`, {}),
    );
    const associations = {
      contacts: { results: [{ id: '7', type: 'company_to_contact' }] },
      deals: { results: [{ id: '9', type: 'company_to_deal' }] },
      'line items': { results: [{ id: '11', type: 'company_to_line_item' }] },
      p1_car: { results: [{ id: '10', type: 'company_to_car' }] },
    };
    expect(answer({ id: '1', properties: { name: 'ACME' }, associations }).json()).toEqual({
      id: '1',
      properties: { name: 'ACME' },
      associations: { ...associations, contacts: { results: [] }, p1_car: { results: [] } },
    });
  });
});

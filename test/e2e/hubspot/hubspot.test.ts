import type { Client } from '@hubspot/api-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CANARIES } from '../../../src/sandbox/sandbox.ts';
import { hubspotClient } from '../clients.ts';
import { openPremises, type Premises } from '../house.ts';
import { PRINCIPALS, REP_HUBSPOT_ID } from '../principals.ts';
import { send } from '../wire.ts';

/** Index of a person that somebody other than the representative looks after. */
const CANARY = 30;
const CONTACTS = '/crm/v3/objects/contacts';
const EXISTING = { associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 4 } as const;

let premises: Premises;
/** Ids of the canary's contact and of one that the representative looks after, of a company and of a deal. */
let ids: Readonly<Record<'canary' | 'own' | 'company' | 'deal', string>>;

beforeAll(async () => {
  premises = await openPremises({
    config: 'test/e2e/company/config.yaml',
    sandbox: { people: 60, canary: CANARY, pageSize: 20 },
  });
  const of = (object: string) =>
    premises.hubspot.data.records(object) as readonly {
      id: string;
      properties: Readonly<Record<string, string>>;
    }[];
  ids = {
    canary: of('contacts')[CANARY]!.id,
    own: of('contacts').find(({ properties }) => properties['hubspot_owner_id'] === REP_HUBSPOT_ID)!.id,
    company: of('companies')[0]!.id,
    deal: of('deals')[0]!.id,
  };
});

afterAll(() => premises.close());

const clientOf = (who: keyof typeof PRINCIPALS): Client =>
  hubspotClient(premises.hubspotProxy, PRINCIPALS[who]);

type Use = (crm: Client['crm']) => Promise<unknown>;
const inputs = (...all: readonly object[]) => ({ inputs: all }) as never;
const pair = () => ({ _from: { id: ids.canary }, to: { id: ids.deal }, types: [EXISTING] });

/** What applications ask of the SDK, and the paths it asks for. */
const USES: readonly (readonly [string, Use])[] = [
  ['a page of contacts', (crm) => crm.contacts.basicApi.getPage(5, undefined, ['email', 'phone'])],
  ['all contacts', (crm) => crm.contacts.getAll(50, undefined, ['email'])],
  [
    'a contact with its history and associations',
    (crm) =>
      crm.contacts.basicApi.getById(ids.canary, ['email'], ['email', 'phone'], ['companies', 'tickets']),
  ],
  [
    'a contact by a unique property',
    (crm) => crm.contacts.basicApi.getById('EXT-000031', ['email'], [], [], false, 'external_id'),
  ],
  [
    'a search',
    (crm) => crm.contacts.searchApi.doSearch({ properties: ['email'], limit: 3, sorts: ['lastname'] }),
  ],
  [
    'a batch of contacts',
    (crm) =>
      crm.contacts.batchApi.read({
        inputs: [{ id: ids.canary }],
        properties: ['email'],
        propertiesWithHistory: ['phone'],
      }),
  ],
  [
    'a batch by a unique property',
    (crm) =>
      crm.contacts.batchApi.read({
        inputs: [{ id: 'EXT-000031' }],
        idProperty: 'external_id',
        properties: ['email'],
        propertiesWithHistory: [],
      }),
  ],
  [
    'a change',
    (crm) => crm.contacts.basicApi.update(ids.canary, { properties: { lifecyclestage: 'customer' } }),
  ],
  [
    'a batch of changes',
    (crm) =>
      crm.contacts.batchApi.update({
        inputs: [{ id: ids.canary, properties: { lifecyclestage: 'customer' } }],
      }),
  ],
  [
    'an upsert',
    (crm) =>
      crm.contacts.batchApi.upsert({
        inputs: [{ id: 'EXT-000031', idProperty: 'external_id', properties: { lifecyclestage: 'customer' } }],
      }),
  ],
  [
    'a new contact that is archived again',
    async (crm) => {
      const { id } = await crm.contacts.basicApi.create({
        properties: { lastname: 'New' },
        associations: [],
      });
      await crm.contacts.basicApi.archive(id);
      return id;
    },
  ],
  [
    'new contacts that are archived again',
    async (crm) => {
      const made = await crm.contacts.batchApi.create({
        inputs: [{ properties: { lastname: 'New' }, associations: [] }],
      });
      return crm.contacts.batchApi.archive({ inputs: made.results.map(({ id }) => ({ id })) });
    },
  ],
  [
    'associations of a page',
    (crm) => crm.contacts.basicApi.getPage(5, undefined, [], [], ['companies', 'deals']),
  ],
  ['companies', (crm) => crm.companies.basicApi.getPage(5, undefined, ['name'], undefined, ['contacts'])],
  ['deals', (crm) => crm.deals.basicApi.getPage(5)],
  ['tickets', (crm) => crm.tickets.basicApi.getPage(5)],
  ['notes', (crm) => crm.objects.notes.basicApi.getPage(5, undefined, ['hs_note_body'])],
  ['objects by their type id', (crm) => crm.objects.basicApi.getPage('0-1', 5)],
  ['associations', (crm) => crm.associations.v4.basicApi.getPage('contacts', ids.canary, 'companies')],
  [
    'an association',
    (crm) =>
      crm.associations.v4.basicApi.create('contacts', ids.canary, 'deals', ids.deal, [EXISTING as never]),
  ],
  [
    'an association by default',
    (crm) => crm.associations.v4.basicApi.createDefault('contacts', ids.canary, 'deals', ids.deal),
  ],
  [
    'no association',
    (crm) => crm.associations.v4.basicApi.archive('contacts', ids.canary, 'deals', ids.deal),
  ],
  [
    'associations of many',
    (crm) => crm.associations.v4.batchApi.getPage('contacts', 'companies', inputs({ id: ids.canary })),
  ],
  [
    'associations for many',
    (crm) => crm.associations.v4.batchApi.create('contacts', 'deals', inputs(pair())),
  ],
  [
    'no label for many',
    (crm) => crm.associations.v4.batchApi.archiveLabels('contacts', 'deals', inputs(pair())),
  ],
  [
    'no association for many',
    (crm) =>
      crm.associations.v4.batchApi.archive(
        'contacts',
        'deals',
        inputs({ _from: { id: ids.canary }, to: [{ id: ids.deal }] }),
      ),
  ],
  ['labels', (crm) => crm.associations.v4.schema.definitionsApi.getAll('contacts', 'deals')],
  ['properties', (crm) => crm.properties.coreApi.getAll('contacts')],
  ['a property', (crm) => crm.properties.coreApi.getByName('contacts', 'email')],
  [
    'a batch of properties',
    (crm) => crm.properties.batchApi.read('contacts', { archived: false, inputs: [{ name: 'email' }] }),
  ],
  ['groups of properties', (crm) => crm.properties.groupsApi.getAll('contacts')],
  ['a group of properties', (crm) => crm.properties.groupsApi.getByName('contacts', 'information')],
  ['schemas', (crm) => crm.schemas.coreApi.getAll()],
  ['a schema', (crm) => crm.schemas.coreApi.getById('contacts')],
  ['pipelines', (crm) => crm.pipelines.pipelinesApi.getAll('deals')],
  ['a pipeline', (crm) => crm.pipelines.pipelinesApi.getById('deals', 'default')],
  ['stages', (crm) => crm.pipelines.pipelineStagesApi.getAll('deals', 'default')],
  ['owners', (crm) => crm.owners.ownersApi.getPage()],
  ['an owner', (crm) => crm.owners.ownersApi.getById(Number(REP_HUBSPOT_ID))],
  ['lists', (crm) => crm.lists.listsApi.getAll(['1', '2'])],
  ['a list', (crm) => crm.lists.listsApi.getById('1')],
  ['members of a list', (crm) => crm.lists.membershipsApi.getPage('1')],
];

describe("HubSpot's own client", () => {
  it.each(USES)('gets %s, for support', async (_, use) => {
    const answer = await use(clientOf('support').crm);
    const told = JSON.stringify(answer) ?? '';
    for (const hidden of [CANARIES.email, CANARIES.phone, CANARIES.nationalId, CANARIES.diagnosis])
      expect(told).not.toContain(hidden);
  });

  it('associates and dissociates', async () => {
    const { basicApi, batchApi } = clientOf('support').crm.associations.v4;
    // Numbers on the wire, whatever the SDK's types say.
    const associated = async (): Promise<readonly unknown[]> => {
      const { results } = await basicApi.getPage('contacts', ids.own, 'deals');
      return results.map(({ toObjectId }) => toObjectId);
    };
    const before = await associated();
    await basicApi.createDefault('contacts', ids.own, 'deals', ids.deal);
    expect(await associated()).toEqual([...before, Number(ids.deal)]);
    await batchApi.archive('contacts', 'deals', inputs({ _from: { id: ids.own }, to: [{ id: ids.deal }] }));
    expect(await associated()).toEqual(before);
  });
});

describe('a value in use', () => {
  it.each([
    ['a creation', 'POST', CONTACTS, { properties: { email: CANARIES.email } }],
    ['a batch', 'POST', `${CONTACTS}/batch/create`, { inputs: [{ properties: { email: CANARIES.email } }] }],
  ])('is refused by HubSpot in %s, which does not say whose it is', async (_, method, path, body) => {
    const request = { method, path, body: JSON.stringify(body) };
    const told = await send(premises.hubspotProxy, { ...request, token: PRINCIPALS.privacyOfficer });
    expect(told.text).toContain(`Existing ID: ${ids.canary}`);
    const { text } = await send(premises.hubspotProxy, { ...request, token: PRINCIPALS.support });
    expect(text).toContain('Existing ID: [id]');
  });
});

describe('the members of a list', () => {
  const members = (list: string, who: keyof typeof PRINCIPALS) =>
    send(premises.hubspotProxy, { path: `/crm/v3/lists/${list}/memberships`, token: PRINCIPALS[who] });

  it.each([
    ['that they are put on by hand', '1'],
    ['of whoever has what is shown', '4'],
  ])('are told support, of a list %s', async (_, list) => {
    expect((await members(list, 'support')).text).toContain('recordId');
  });

  it('are not told support, of a list of whoever has what is hidden', async () => {
    const { status, text } = await members('3', 'support');
    expect(status).toBe(403);
    expect(text).toContain('Which records these are is decided by diagnosis of contacts,');
    expect((await members('3', 'privacyOfficer')).text).toContain('recordId');
  });
});

describe('a representative, of a contact of somebody else', () => {
  const rep = (path: string, body?: object) =>
    send(premises.hubspotProxy, {
      method: body === undefined ? 'GET' : 'POST',
      path,
      token: PRINCIPALS.hubspotRep,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  it.each<[string, () => Promise<{ readonly status: number }>]>([
    ['what belongs to them', () => rep(`/crm/v4/objects/contacts/${ids.canary}/associations/companies`)],
    [
      'what belongs to them and to others',
      () =>
        rep('/crm/v4/associations/contacts/companies/batch/read', {
          inputs: [{ id: ids.own }, { id: ids.canary }],
        }),
    ],
    [
      'what a merge takes from them',
      () => rep(`${CONTACTS}/merge`, { primaryObjectId: ids.own, objectIdToMerge: ids.canary }),
    ],
  ])('does not learn %s', async (_, ask) => {
    const before = premises.hubspot.requests.length;
    expect((await ask()).status).toBe(403);
    const heard = premises.hubspot.requests.slice(before).map(({ url }) => url);
    expect(heard).toEqual([`${CONTACTS}/batch/read`]);
  });

  it('does not find their id at their company', async () => {
    const { text } = await rep(`/crm/v3/objects/companies?limit=100&associations=contacts`);
    const { text: all } = await send(premises.hubspotProxy, {
      path: '/crm/v3/objects/companies?limit=100&associations=contacts',
      token: PRINCIPALS.privacyOfficer,
    });
    expect(all).toContain(`{"id":"${ids.canary}","type"`);
    expect(text).not.toContain(`{"id":"${ids.canary}","type"`);
  });

  it('learns what has changed in their own, also of what decides that it is theirs', async () => {
    const { status, text } = await rep(
      `${CONTACTS}/${ids.own}?propertiesWithHistory=hubspot_owner_id,lifecyclestage`,
    );
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({
      propertiesWithHistory: { lifecyclestage: [{ value: 'customer' }] },
    });
    expect((await rep(`${CONTACTS}/${ids.canary}?propertiesWithHistory=hubspot_owner_id`)).status).toBe(403);
  });

  it('learns the same of their own', async () => {
    expect((await rep(`/crm/v4/objects/contacts/${ids.own}/associations/companies`)).text).toContain(
      'toObjectId',
    );
    const many = await rep('/crm/v4/associations/contacts/companies/batch/read', {
      inputs: [{ id: ids.own }],
    });
    expect(many.text).toContain('toObjectId');
  });
});

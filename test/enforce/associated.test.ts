import { describe, expect, it } from 'vitest';
import type { CrmRequest } from '../../src/model/request.ts';
import { play, refusalOf, type Scene, V59 } from './fixture.ts';
import { contact, ID, PEOPLE_MAPS, page } from './people.ts';
import { registryOf } from './registry.ts';

const MAPS = `
dataMap: hubspot
objects:
  contacts:
    dataSubject: { id: hs_object_id, email: email }
    fields: { email: contact.email }
  tickets:
    dataSubject: { through: [contacts] }
    fields: { subject: free-text }
  leads:
    dataSubject: { id: hs_object_id, through: [contacts] }
    fields: { hs_lead_name: identity.name }
  notes:
    dataSubject: { through: [contacts, tickets] }
    fields: { hs_note_body: free-text }
  companies:
    fields: { name: none }
`;
/** Contact 2 is restricted. */
const consent = registryOf([{ who: { email: 'p2@example.com' }, restricted: true }]);
const NOTHING = 'crm.associations.NO_ASSOCIATIONS_FOUND';
const OBJECTS: Readonly<Record<string, string>> = {
  '0-1': 'contacts',
  '0-5': 'tickets',
  '0-46': 'notes',
  '0-136': 'leads',
};

/** A HubSpot in which records are associated as the table says: `tickets 1` → contacts. */
function hubspot(table: Readonly<Record<string, readonly string[]>>, over: object = {}) {
  return ({ path, body }: CrmRequest): unknown => {
    const { inputs } = JSON.parse(String(body)) as { inputs: readonly { id: string }[] };
    const [, from = '', to = ''] = /\/associations\/([\d-]+)\/([\d-]+)\//.exec(path) ?? [];
    if (from === '') {
      const properties = (id: string) => ({ hs_object_id: id, email: `p${id}@example.com` });
      return { results: inputs.map(({ id }) => ({ id, properties: properties(id) })) };
    }
    const related = (id: string) => table[`${OBJECTS[from]} ${id} ${OBJECTS[to]}`] ?? [];
    const found = inputs.filter(({ id }) => related(id).length > 0);
    const lost = inputs.filter((input) => !found.includes(input));
    return {
      results: found.map(({ id }) => ({
        from: { id },
        to: related(id).map((toObjectId) => ({ toObjectId: Number(toObjectId) })),
        ...over,
      })),
      errors: lost.map(({ id }) => ({ subCategory: NOTHING, context: { fromObjectId: [id] } })),
    };
  };
}

const TABLE = {
  'tickets 1 contacts': ['1'],
  'tickets 2 contacts': ['1', '2'],
  'notes 4 contacts': ['1'],
  'notes 4 tickets': ['1'],
  'notes 5 tickets': ['3', '2'],
  'leads 6 contacts': ['2'],
};
const scene = (over: Partial<Scene>): Scene => ({
  policies: '',
  maps: MAPS,
  crm: 'hubspot',
  consent,
  answers: hubspot(TABLE),
  request: 'GET /crm/v3/objects/tickets?properties=subject',
  ...over,
});
const records = (...ids: readonly string[]) => ({
  results: ids.map((id) => ({ id, properties: { subject: `Record ${id}` } })),
});
const shown = async (over: Partial<Scene>, ...ids: readonly string[]) => {
  const { answerAfterLookUps, reads } = await play(scene(over));
  const { json, discharged } = await answerAfterLookUps(records(...ids));
  const { results } = json() as { results: readonly { id: string }[] };
  const omissions = discharged.tally.report().omissions.map(({ reason, count }) => [reason, count]);
  return { ids: results.map(({ id }) => id), reads, omissions };
};

describe('a record that is about the people it is associated with', () => {
  it('is left out when one of them is restricted, and shown when it is about nobody', async () => {
    const { ids, omissions } = await shown({}, '1', '2', '3');
    expect(ids).toEqual(['1', '3']);
    expect(omissions).toEqual([['processing restricted', 1]]);
  });

  it('is told over other records, each object read once for all of a window', async () => {
    const { ids, reads } = await shown({ request: 'GET /crm/v3/objects/notes' }, '4', '5', '6');
    expect(ids).toEqual(['4', '6']);
    expect(reads.map(({ path }) => path)).toEqual([
      '/crm/v4/associations/0-46/0-1/batch/read',
      '/crm/v4/associations/0-46/0-5/batch/read',
      '/crm/v4/associations/0-5/0-1/batch/read',
      '/crm/v3/objects/contacts/batch/read',
      '/crm/v3/objects/contacts/batch/read',
    ]);
  });

  it('is about its own person as well, where it has one', async () => {
    const request = 'GET /crm/v3/objects/leads';
    expect((await shown({ request }, '6', '7')).ids).toEqual(['7']);
    const itself = registryOf([{ who: { record: 'crm:leads:7' }, restricted: true }]);
    expect((await shown({ request, consent: itself }, '6', '7')).ids).toEqual(['6']);
  });

  it.each<[string, Partial<Scene>]>([
    ['the CRM does not answer', { answers: () => undefined }],
    [
      'there are more than one page of them',
      { answers: hubspot(TABLE, { paging: { next: { after: 'x' } } }) },
    ],
    ['they are more than may be looked up', { limits: { relatedPeopleMax: 0 } }],
    ['it is archived', { request: 'GET /crm/v3/objects/tickets?archived=true' }],
  ])('is left out where it cannot be told who it is about: %s', async (_, over) => {
    const { ids, omissions } = await shown(over, '1');
    expect(ids).toEqual([]);
    expect(omissions).toEqual([['restriction: cannot be told', 1]]);
  });

  it('is told as far as there is room', async () => {
    const { ids } = await shown({ limits: { relatedPeopleMax: 1 } }, '1', '2', '3');
    expect(ids).toEqual(['1', '3']);
  });

  it('is looked up by nobody while nobody is restricted', async () => {
    const nobody = registryOf([]);
    const { reads } = await shown({ consent: nobody }, '1', '2');
    expect([reads, nobody.asked]).toEqual([[], []]);
  });

  it('is not found out by choosing others by it', async () => {
    const filters = [{ propertyName: 'associations.ticket', operator: 'EQ', value: '2' }];
    const search = {
      request: 'POST /crm/v3/objects/companies/search',
      body: { filterGroups: [{ filters }] },
    };
    expect((await refusalOf(scene(search))).policy).toBe('restriction');
  });

  describe.each([
    ['a ticket', '16', 'HUBSPOT_DEFINED'],
    ['a ticket with a label of the account', '7', 'USER_DEFINED'],
  ])('is not made as %s', (_, associationTypeId, associationCategory) => {
    const create = (id: string): Scene => {
      const types = [{ associationCategory, associationTypeId: Number(associationTypeId) }];
      const body = { properties: { subject: 'X' }, associations: [{ to: { id }, types }] };
      return scene({ request: 'POST /crm/v3/objects/tickets', body });
    };

    it('about somebody restricted, and is about others', async () => {
      expect(await refusalOf(create('2'))).toEqual({
        policy: 'restriction',
        message: 'Records of people whose processing is restricted: 1.',
      });
      expect((await play(create('1'))).refusal).toBeUndefined();
      expect((await refusalOf({ ...create('1'), answers: () => undefined })).message).toContain(
        'cannot be told',
      );
    });
  });
});

describe('a requirement on a record that is about several people', () => {
  const policies = `
policy: agreed
on: { objects: [tickets] }
require: { consent: reading, otherwise: omit-record }
`;
  const agreed = (...ids: readonly string[]) =>
    registryOf(ids.map((id) => ({ who: { email: `p${id}@example.com` }, consent: { reading: 'granted' } })));

  it('is met when all of them have agreed', async () => {
    expect((await shown({ policies, consent: agreed('1') }, '1', '2', '3')).ids).toEqual(['1']);
    expect((await shown({ policies, consent: agreed('1', '2') }, '1', '2', '3')).ids).toEqual(['1', '2']);
  });

  it('says why it is not', async () => {
    const { omissions } = await shown({ policies, consent: agreed('1') }, '2', '3');
    expect(omissions).toEqual([['reading: unknown', 2]]);
    const away = { policies, consent: agreed('1'), answers: () => undefined };
    expect((await shown(away, '1')).omissions).toEqual([['reading: cannot be told', 1]]);
  });

  it.each([
    ['an association', 'PUT /crm/v4/objects/contacts/1/associations/default/tickets/2', undefined],
    ['its end', 'DELETE /crm/v4/objects/tickets/2/associations/contacts/2', undefined],
    [
      'a batch',
      'POST /crm/v4/associations/contact/ticket/batch/archive',
      { inputs: [{ from: { id: '2' }, to: [{ id: '2' }] }] },
    ],
    ['a custom object that may be any', 'DELETE /crm/v4/objects/tickets/2/associations/2-17/2', undefined],
  ])('is not met by %s', async (_, request, body) => {
    const bound = scene({ policies, consent: agreed('1'), request, ...(body === undefined ? {} : { body }) });
    expect((await refusalOf(bound)).message).toContain(
      'may not be recorded by those who need it to see records',
    );
  });

  it.each([
    ['what meets it', 'DELETE /crm/v4/objects/tickets/1/associations/contacts/1'],
    ['what is about nobody by it', 'PUT /crm/v4/objects/tickets/2/associations/default/companies/9'],
  ])('does not keep from associating %s', async (_, request) => {
    expect((await play(scene({ policies, consent: agreed('1'), request }))).refusal).toBeUndefined();
  });
});

describe('a task that is about whoever its case is about, too', () => {
  const maps = PEOPLE_MAPS.replace(
    '  Account:',
    `  Task: { dataSubject: { id: WhoId, through: [WhatId] }, fields: { Subject: none, WhatId: none } }
  Case: { dataSubject: { id: ContactId }, fields: { Subject: none } }
  Account:`,
  );
  const CASE = (index: number) => `50000000000000${index}AAA`;
  const ACCOUNT = '001000000000001AAA';
  const CUSTOM = 'a01000000000001AAA';
  const task = (index: number, WhoId: string | null, WhatId: string | null) => ({
    attributes: { type: 'Task', url: `${V59}/sobjects/Task/00T00000000000${index}AAA` },
    Subject: `Task ${index}`,
    WhoId,
    WhatId,
  });
  const answers = ({ path, body }: CrmRequest): unknown => {
    const { ids } = JSON.parse(String(body)) as { ids: readonly string[] };
    if (path.endsWith('/Case')) return ids.map((id) => ({ Id: id, ContactId: ID(Number(id.at(-4))) }));
    return ids.map((id) => contact(Number(id.slice(0, 15).at(-1))));
  };
  const byAddress = registryOf([{ who: { email: 'p2@example.com' }, restricted: true }]);
  const tasks: Scene = {
    policies: '',
    maps,
    consent: byAddress,
    answers,
    request: `GET ${V59}/query?q=SELECT+Subject+FROM+Task`,
  };
  const subjects = async (over: Partial<Scene>, ...rows: readonly object[]) => {
    const { answerAfterLookUps } = await play({ ...tasks, ...over });
    const { json } = await answerAfterLookUps(page(rows));
    return (json() as { records: readonly { Subject: string }[] }).records.map((row) => row.Subject);
  };

  it('is left out when one of them is restricted', async () => {
    const rows = [
      task(1, ID(1), CASE(1)),
      task(2, null, CASE(2)),
      task(3, ID(1), CASE(2)),
      task(4, ID(2), CASE(1)),
      task(5, ID(1), ACCOUNT),
      task(6, null, CUSTOM),
      task(7, null, null),
    ];
    expect(await subjects({}, ...rows)).toEqual(['Task 1', 'Task 5', 'Task 6', 'Task 7']);
    const { WhatId: _, ...untold } = task(1, ID(1), null);
    expect(await subjects({}, untold)).toEqual([]);
  });

  it('is shown where consent is required when both have agreed, and accounts have nothing to agree to', async () => {
    const policies = `
policy: agreed
on: { objects: [Task] }
require: { consent: reading, otherwise: omit-record }
`;
    const consent = registryOf([{ who: { email: 'p1@example.com' }, consent: { reading: 'granted' } }]);
    const rows = [
      task(1, ID(1), CASE(1)),
      task(2, ID(1), CASE(2)),
      task(3, ID(1), ACCOUNT),
      task(4, null, CASE(1)),
    ];
    expect(await subjects({ policies, consent }, ...rows)).toEqual(['Task 1', 'Task 3', 'Task 4']);
    const write = { policies, consent, request: `PATCH ${V59}/sobjects/Task/00T000000000002AAA` };
    const current = (read: CrmRequest): unknown =>
      read.path.endsWith('/Task')
        ? [{ Id: '00T000000000002AAA', WhoId: ID(1), WhatId: CASE(2) }]
        : answers(read);
    for (const WhatId of [null, CASE(1)]) {
      const refused = await refusalOf({ ...tasks, ...write, answers: current, body: { WhatId } });
      expect(refused.message).toContain('may not be recorded by those who need it to see records');
    }
  });

  it.each([
    [
      'made for the case of somebody restricted',
      `POST ${V59}/sobjects/Task`,
      { WhatId: CASE(2), Subject: 'X' },
    ],
    ['moved there', `PATCH ${V59}/sobjects/Task/00T000000000001AAA`, { WhatId: CASE(2) }],
  ])('is not %s', async (_, request, body) => {
    const current = (read: CrmRequest): unknown =>
      read.path.endsWith('/Task')
        ? [{ Id: '00T000000000001AAA', WhoId: ID(1), WhatId: null }]
        : answers(read);
    expect((await refusalOf({ ...tasks, request, body, answers: current })).policy).toBe('restriction');
  });
});

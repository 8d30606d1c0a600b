import { describe, expect, it } from 'vitest';
import type { CrmRequest } from '../../src/model/request.ts';
import { play, refusalOf, type Scene, V59 } from './fixture.ts';
import { contact, ID, PEOPLE_MAPS, page, restricted } from './people.ts';
import { registryOf, type Said } from './registry.ts';

const consent = registryOf([restricted(2)]);
const SCENE = { policies: '', maps: PEOPLE_MAPS, consent } as const;
const query = (soql: string): string => `GET ${V59}/query?q=${soql.replaceAll(' ', '+')}`;

describe('whoever is restricted', () => {
  it('is left out of queries, and nobody who counts sees the gap', async () => {
    const { answerAfterLookUps } = await play({
      ...SCENE,
      request: query('SELECT Id, Email, Phone FROM Contact'),
    });
    const { json, discharged } = await answerAfterLookUps(page([contact(1), contact(2), contact(3)]));
    expect(json()).toMatchObject({ totalSize: 2, records: [{ Id: ID(1) }, { Id: ID(3) }] });
    expect(discharged.tally.report().omissions).toEqual([
      { object: 'Contact', policy: 'restriction', reason: 'processing restricted', count: 1 },
    ]);
  });

  it('is a record that may not be shown, and the refusal says so', async () => {
    const { answerAfterLookUps } = await play({ ...SCENE, request: `GET ${V59}/sobjects/Contact/${ID(2)}` });
    await expect(answerAfterLookUps(contact(2))).rejects.toMatchObject({ reason: 'withheld' });
    expect((await answerAfterLookUps(contact(1))).json()).toMatchObject({ Id: ID(1) });
  });

  it('is seen by the roles of the configuration alone', async () => {
    const scene = { ...SCENE, visibleTo: ['privacy-officer'], request: query('SELECT Id FROM Contact') };
    const body = page([contact(2)]);
    const officer = await play({ ...scene, who: { roles: ['privacy-officer'] } });
    expect(officer.target).not.toContain('Email');
    expect((await officer.answerAfterLookUps(body)).json()).toEqual(body);
    const other = await play({ ...scene, who: { roles: ['support'] } });
    expect((await other.answerAfterLookUps(body)).json()).toMatchObject({ records: [] });
  });

  it('is looked for by nobody while nobody is', async () => {
    const nobody = registryOf([]);
    const { target, answerAfterLookUps } = await play({
      ...SCENE,
      consent: nobody,
      request: query('SELECT LastName FROM Contact'),
    });
    expect(target).toContain('q=SELECT LastName FROM Contact');
    await answerAfterLookUps(page([contact(1)]));
    expect(nobody.asked).toEqual([]);
  });

  it.each([
    ["SELECT COUNT() FROM Contact WHERE Email = 'p2@example.com'"],
    ["SELECT COUNT() FROM Contact WHERE LastName = 'Ruiz'"],
    ['SELECT LastName, COUNT(Id) n FROM Contact GROUP BY LastName'],
    ['SELECT MAX(Email) m FROM Contact'],
    ["SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE Email = 'p2@example.com')"],
    [
      "SELECT Id FROM Contact WHERE AccountId IN (SELECT AccountId FROM Contact WHERE Email = 'p2@example.com')",
    ],
    ["SELECT Id FROM Contact WHERE ReportsTo.LastName = 'Ruiz'"],
    [`SELECT COUNT() FROM Contact WHERE Id = '${ID(2)}'`],
    [`SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE Id = '${ID(2)}')`],
    ['SELECT Id, COUNT(LastName) n FROM Contact GROUP BY Id'],
  ])('is not found out by %s', async (soql) => {
    expect((await refusalOf({ ...SCENE, request: query(soql) })).policy).toBe('restriction');
  });

  it.each([
    ['free-text', 'SELECT CreatedDate, MAX(Description) m FROM Contact GROUP BY CreatedDate'],
    ['health.diagnosis', 'SELECT CreatedDate, MIN(Description) m FROM Contact GROUP BY CreatedDate'],
    ['employment.position', "SELECT COUNT() FROM Contact WHERE Description = 'Baker'"],
    ['financial.income', 'SELECT CreatedDate FROM Contact GROUP BY CreatedDate HAVING MAX(Description) > 1'],
    [
      'special.union',
      "SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE Description = 'x')",
    ],
  ])('tells nothing of the category %s by %s', async (category, soql) => {
    const maps = PEOPLE_MAPS.replace(
      'LastName: identity.name }',
      `LastName: identity.name, CreatedDate: none, AccountId: none, Description: ${category} }`,
    );
    expect((await refusalOf({ ...SCENE, maps, request: query(soql) })).policy).toBe('restriction');
  });

  it.each([
    ['SELECT COUNT() FROM Contact'],
    ['SELECT AccountId, COUNT(Id) n FROM Contact GROUP BY AccountId'],
    [`SELECT Id FROM Contact WHERE Id = '${ID(2)}'`],
    ["SELECT Id FROM Account WHERE Name = 'ACME'"],
  ])('does not keep others from %s', async (soql) => {
    const maps = PEOPLE_MAPS.replace(
      'LastName: identity.name }',
      'LastName: identity.name, AccountId: none }',
    );
    expect((await play({ ...SCENE, maps, request: query(soql) })).refusal).toBeUndefined();
  });

  it('is counted with others, and the count is told', async () => {
    const { answerAfterLookUps } = await play({ ...SCENE, request: query('SELECT COUNT() FROM Contact') });
    const counted = { totalSize: 3, done: true, records: [] };
    expect((await answerAfterLookUps(counted)).json()).toEqual(counted);
  });

  it('is not exported: what cannot be inspected is refused', async () => {
    const request = `GET ${V59}/analytics/reports/00O000000000001AAA`;
    expect((await refusalOf({ ...SCENE, request })).message).toContain('cannot be inspected');
  });
});

describe('whoever is restricted, known by an address that stands in their own record alone', () => {
  const byAddress = registryOf([{ who: { email: 'p2@example.com' }, restricted: true }]);
  const maps = PEOPLE_MAPS.replace(
    '  Account:',
    '  Task: { dataSubject: { id: WhoId }, fields: { Subject: none } }\n  Account:',
  );
  const task = (index: number) => ({
    attributes: { type: 'Task', url: `${V59}/sobjects/Task/00T00000000000${index}AAA` },
    Subject: `Call ${index}`,
    WhoId: ID(index),
  });
  const tasks = { ...SCENE, maps, consent: byAddress, request: query('SELECT Subject, WhoId FROM Task') };

  it('is left out with what else names them: all of a page are read at once', async () => {
    const answers = salesforce(contact(1), contact(2), contact(3));
    const { answerAfterLookUps, reads } = await play({ ...tasks, answers });
    const { json } = await answerAfterLookUps(page([task(1), task(2), task(3), task(2)]));
    expect(json()).toMatchObject({ totalSize: 2, records: [{ Subject: 'Call 1' }, { Subject: 'Call 3' }] });
    expect(reads.map(({ path }) => path)).toEqual([`${V59}/composite/sobjects/Contact`]);
    expect(JSON.parse(reads[0]!.body!.toString())).toMatchObject({ ids: [ID(1), ID(2), ID(3)] });
  });

  it.each([
    ['the CRM does not answer', () => undefined],
    ['the CRM shows the caller no such record', salesforce(contact(1))],
  ])('is not shown where %s', async (_, answers) => {
    const { answerAfterLookUps } = await play({ ...tasks, answers });
    expect((await answerAfterLookUps(page([task(2)]))).json()).toMatchObject({ records: [] });
  });

  it('is left out where a relationship shows no more than a name', async () => {
    const who = (index: number) => ({
      attributes: { type: 'Name', url: `${V59}/sobjects/Contact/${ID(index)}` },
      Name: `Person ${index}`,
    });
    const request = query('SELECT Who.Name FROM Event');
    const { answerAfterLookUps } = await play({
      ...tasks,
      request,
      answers: salesforce(contact(1), contact(2)),
    });
    const events = [1, 2].map((index) => ({ attributes: { type: 'Event' }, Who: who(index) }));
    expect((await answerAfterLookUps(page(events))).json()).toMatchObject({
      records: [{ Who: { Name: 'Person 1' } }, { Who: null }],
    });
  });

  it('is left out of associations in HubSpot, which are ids alone', async () => {
    const { answerAfterLookUps } = await play({
      ...SCENE,
      crm: 'hubspot',
      consent: byAddress,
      request: 'GET /crm/v4/objects/companies/7/associations/contacts',
      answers: hubspot,
    });
    const results = [1, 2, 3].map((toObjectId) => ({ toObjectId, associationTypes: [] }));
    expect((await answerAfterLookUps({ results })).json()).toMatchObject({
      results: [{ toObjectId: 1 }, { toObjectId: 3 }],
    });
  });

  it('has no file fetched, and others have', async () => {
    const file = (of: number): Partial<Scene> => ({
      request: `GET ${V59}/sobjects/ContentVersion/${FILE}/VersionData`,
      answers: (read) =>
        read.path.endsWith('/ContentVersion')
          ? [{ Id: FILE, FirstPublishLocationId: ID(of) }]
          : salesforce(contact(1), contact(2))(read),
    });
    const files = maps.replace(
      '  Account:',
      '  ContentVersion: { dataSubject: { id: FirstPublishLocationId }, fields: { VersionData: document } }\n  Account:',
    );
    expect((await refusalOf({ ...tasks, maps: files, ...file(2) })).policy).toBe('restriction');
    expect((await play({ ...tasks, maps: files, ...file(1) })).refusal).toBeUndefined();
  });

  describe('has nothing shown that hangs on their case', () => {
    const onCases = maps.replace(
      '  Account:',
      `  Case: { dataSubject: { id: ContactId, email: ContactEmail }, fields: { Subject: free-text } }
  CaseComment: { dataSubject: { id: ParentId }, fields: { CommentBody: free-text } }
  Attachment: { dataSubject: { id: ParentId }, fields: { Body: document } }
  Account:`,
    );
    const CASE = (index: number): string => `50000000000000${index}AAA`;
    const COMMENT = '00a000000000001AAA';
    const ATTACHMENT = '00P000000000001EAA';
    const cases = [1, 2].map((index) => ({ Id: CASE(index), ContactId: ID(index), ContactEmail: null }));
    const answersOn = (parent: string) => (read: CrmRequest) => {
      if (read.path.endsWith('/Attachment')) return [{ Id: ATTACHMENT, ParentId: parent }];
      if (read.path.endsWith('/CaseComment')) return [{ Id: COMMENT, ParentId: parent }];
      return salesforce(...(read.path.endsWith('/Case') ? cases : [contact(1), contact(2)]))(read);
    };
    const fetching = (parent: string): Scene => ({
      ...tasks,
      maps: onCases,
      request: `GET ${V59}/sobjects/Attachment/${ATTACHMENT}/Body`,
      answers: answersOn(parent),
    });

    it('no file', async () => {
      expect((await refusalOf(fetching(CASE(2)))).policy).toBe('restriction');
      expect((await play(fetching(CASE(1)))).refusal).toBeUndefined();
    });

    it('no file of a case that is not found, nor one of a comment on it', async () => {
      expect((await refusalOf(fetching(CASE(3)))).policy).toBe('restriction');
      const onComment = fetching(COMMENT);
      const answers = (read: CrmRequest): unknown =>
        answersOn(read.path.endsWith('/Attachment') ? COMMENT : CASE(2))(read);
      expect((await refusalOf({ ...onComment, answers })).policy).toBe('restriction');
    });

    it('no comment of a page, for which all cases are read at once, and then all people', async () => {
      const request = query('SELECT CommentBody FROM CaseComment');
      const { answerAfterLookUps, reads } = await play({ ...fetching(''), request });
      const comments = [1, 2, 1].map((index) => ({
        attributes: { type: 'CaseComment' },
        CommentBody: `Comment ${index}`,
        ParentId: CASE(index),
      }));
      expect((await answerAfterLookUps(page(comments))).json()).toMatchObject({
        totalSize: 2,
        records: [{ CommentBody: 'Comment 1' }, { CommentBody: 'Comment 1' }],
      });
      expect(reads.map(({ path }) => path.split('/').at(-1))).toEqual(['Case', 'Contact']);
    });

    it('nothing that leads in a circle', async () => {
      const circular = onCases.replace('{ id: ContactId, email: ContactEmail }', '{ id: ParentId }');
      const answers = ({ path }: CrmRequest): unknown =>
        path.endsWith('/Attachment')
          ? [{ Id: ATTACHMENT, ParentId: CASE(1) }]
          : [{ Id: CASE(1), ParentId: CASE(1) }];
      const circle = { ...fetching(CASE(1)), maps: circular, answers };
      expect((await refusalOf(circle)).policy).toBe('restriction');
    });
  });

  it('has no task changed', async () => {
    const answers = (read: CrmRequest): unknown =>
      read.path.endsWith('/Task') ? [{ Id: TASK, WhoId: ID(2) }] : salesforce(contact(2))(read);
    const scene = {
      ...tasks,
      request: `PATCH ${V59}/sobjects/Task/${TASK}`,
      body: { Subject: 'X' },
      answers,
    };
    expect((await refusalOf(scene)).message).toBe(message);
  });
});

describe('what somebody restricted is subscribed to', () => {
  const asking = (index: number): Scene => ({
    ...SCENE,
    crm: 'hubspot',
    consent: registryOf([{ who: { email: 'p2@example.com' }, restricted: true }]),
    request: `GET /communication-preferences/v4/statuses/p${index}@example.com`,
    answers: hubspot,
  });

  it('is told to nobody, whether a record of theirs is there or not', async () => {
    const refused = {
      policy: 'restriction',
      message: 'People about whom nothing may be told, because their processing is restricted: 1.',
    };
    expect(await refusalOf(asking(2))).toEqual(refused);
    expect(await refusalOf({ ...asking(2), answers: () => ({ results: [] }) })).toEqual(refused);
    const many = {
      request: 'POST /communication-preferences/v4/statuses/batch/read',
      body: { inputs: ['p1@example.com', 'p2@example.com'] },
    };
    expect(await refusalOf({ ...asking(2), ...many })).toEqual(refused);
  });

  it('is told of others, and to whom restricted people are shown', async () => {
    expect((await play(asking(1))).refusal).toBeUndefined();
    const officer = { visibleTo: ['privacy-officer'], who: { roles: ['privacy-officer'] } };
    expect((await play({ ...asking(2), ...officer })).refusal).toBeUndefined();
  });
});

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
    expect((await refusalOf({ ...update, answers })).message).toBe(message);
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

const FILE = '068000000000001AAA';
const TASK = '00T000000000002AAA';

/** A Salesforce that answers reads of contacts. */
function salesforce(...records: readonly object[]) {
  return ({ path, body }: CrmRequest): unknown => {
    if (path.endsWith('/query')) return page(records);
    const { ids } = JSON.parse(body?.toString() ?? '{}') as { ids: readonly string[] };
    return ids.map((id) => records.find((record) => (record as { Id: string }).Id === id) ?? null);
  };
}

const message = 'Records that may not be changed, because their processing is restricted: 1.';

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
    expect(denial.message).toBe(message);
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
    expect(denial.message).toBe(message);
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
    expect(denial.message).toBe(message);
  });

  it('does not keep others from being written', async () => {
    const request = `POST ${V59}/sobjects/Contact`;
    const body = { LastName: 'X', Email: 'p1@example.com', Phone: null };
    expect((await play({ ...scene, request, body })).body).toEqual(body);
  });
});

/** A HubSpot whose contact 2 has the address of somebody who is restricted. */
function hubspot({ body }: CrmRequest): unknown {
  const { inputs } = JSON.parse(body?.toString() ?? '{"inputs":[]}') as { inputs: readonly { id: string }[] };
  const results = inputs.map(({ id }) => {
    const index = id.replace(/\D/g, '');
    return {
      id: index,
      properties: { email: `p${index}@example.com`, phone: null, hs_object_id: index, agreed: null },
    };
  });
  return { results };
}

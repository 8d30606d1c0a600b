import { describe, expect, it } from 'vitest';
import type { CrmRequest } from '../../src/model/request.ts';
import { play, refusalOf, type Scene, V59 } from './fixture.ts';
import { contact, ID, PEOPLE_MAPS, page } from './people.ts';
import { registryOf } from './registry.ts';
import { hubspot, query, SCENE, salesforce, UNCHANGEABLE } from './restricted.ts';

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
    expect((await refusalOf(scene)).message).toBe(UNCHANGEABLE);
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

const FILE = '068000000000001AAA';
const TASK = '00T000000000002AAA';

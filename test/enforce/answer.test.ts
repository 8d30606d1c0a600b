import { describe, expect, it } from 'vitest';
import { play, refusalOf, type Scene, V59 } from './fixture.ts';
import { restricted } from './people.ts';
import { registryOf } from './registry.ts';

const QUERY = `GET ${V59}/query?q=`;
const MASKED = `
policy: support
for: { roles: [support] }
show: { contact.email: { mask: email }, contact.phone: remove }
`;
const OWN = `
policy: own
on: { objects: [Contact] }
rows: record.owner == principal.crmUserId
`;
const ME = '0055g00000AAAAAAAA';
const type = (name: string) => ({ attributes: { type: name } });

const query = (soql: string, over: Partial<Scene> = {}): Scene => ({
  policies: MASKED,
  request: `${QUERY}${encodeURIComponent(soql)}`,
  ...over,
});
const page = (records: unknown[], over: object = {}) => ({
  totalSize: records.length,
  done: true,
  records,
  ...over,
});

describe('what an answer is taken for', () => {
  it.each([
    [200, 'application/json', 'rewrite'],
    [200, 'application/json;charset=UTF-8', 'rewrite'],
    [200, 'application/json;charset=utf-16', 'unreadable'],
    [200, 'text/json', 'unreadable'],
    [200, '', 'unreadable'],
    [200, 'text/csv', 'unreadable'],
    [400, 'application/json', 'rewrite'],
    [400, 'text/html', 'unreadable'],
    [503, '', 'unreadable'],
  ])('%d %j: %s', async (status, contentType, kind) => {
    const played = await play(query('SELECT Id FROM Contact'));
    expect(played.answer([], { status, contentType }).discharged.plan.kind).toBe(kind);
  });

  it.each([
    [200, 'application/json', 'count'],
    [200, 'text/html', 'pass'],
    [400, '', 'pass'],
  ])('with nothing to hide, %d %j: %s', async (status, contentType, kind) => {
    const played = await play(query('SELECT Id FROM Contact', { who: { roles: [] } }));
    expect(played.answer([], { status, contentType }).discharged.plan.kind).toBe(kind);
  });

  it('with nothing to hide, every byte stays', async () => {
    const played = await play(query('SELECT Id FROM Contact', { who: { roles: [] } }));
    const body =
      '{ "records" : [ {"attributes":{"type":"Contact"},"Id":"1","Email":"a@x.example","N":1.00} ] }';
    const { text, discharged } = played.answer(body);
    expect(text).toBe(body);
    expect(discharged.tally.report()).toMatchObject({ records: { seen: 1, omitted: 0 } });
  });
});

describe('records', () => {
  it('without a type are shown as the least revealing object would be, and not where rows are restricted', async () => {
    const record = { Id: '1', Email: 'ana@example.com', Phone: '1' };
    const masked = await play(query('SELECT Id FROM Contact'));
    expect(masked.answer(page([record])).json()).toEqual(page([{ Id: '1', Email: 'a***@example.com' }]));
    const rows = await play(query('SELECT Id FROM Account', { policies: OWN, who: { crmUserId: ME } }));
    expect(rows.answer(page([{ ...record, OwnerId: 'x' }])).json()).toMatchObject({ records: [] });
  });

  it('inside others are shown and left out by themselves', async () => {
    const played = await play(
      query('SELECT Id, Name, (SELECT Id, Email, OwnerId FROM Contacts) FROM Account', {
        policies: `${MASKED}---${OWN}`,
        who: { crmUserId: ME },
      }),
    );
    const contact = (id: string, OwnerId: string) => ({
      ...type('Contact'),
      Id: id,
      Email: 'ana@example.com',
      OwnerId,
    });
    const account = (Contacts: unknown) => ({ ...type('Account'), Id: 'a', Name: 'Acme', Contacts });
    const { json } = played.answer(
      page([account(page([contact('1', ME), contact('2', 'x')]))], { totalSize: 1 }),
    );
    expect(json()).toEqual({
      totalSize: 1,
      done: true,
      records: [
        account({
          totalSize: 2,
          done: true,
          records: [{ ...type('Contact'), Id: '1', Email: 'a***@example.com', OwnerId: ME }],
        }),
      ],
    });
  });

  it('of types that no data map knows cost no more when they alternate', async () => {
    const played = await play(query('SELECT Id, A__c FROM One__c'));
    const records = Array.from({ length: 500 }, (_, index) => ({
      ...type(index % 2 === 0 ? 'One__c' : 'Two__c'),
      A__c: 'x',
    }));
    const { discharged } = played.answer(page(records));
    expect(discharged.tally.report().unclassified).toEqual([
      { object: 'One__c', field: 'A__c', treatment: 'unclassified', count: 250 },
      { object: 'Two__c', field: 'A__c', treatment: 'unclassified', count: 250 },
    ]);
  });

  it('with more field names than are reported are counted all the same', async () => {
    const played = await play(
      query('SELECT FIELDS(ALL) FROM One__c LIMIT 1', { limits: { auditFieldsMax: 3 } }),
    );
    const record = { ...type('One__c'), A: 1, B: 1, C: 1, D: 1, E: 1 };
    const { unclassified } = played.answer(page([record, record])).discharged.tally.report();
    expect(unclassified).toHaveLength(4);
    expect(unclassified.reduce((sum, { count }) => sum + count, 0)).toBe(10);
    expect(unclassified.at(-1)).toEqual({ object: '*', field: '*', treatment: 'unclassified', count: 4 });
  });
});

describe('facts that were added', () => {
  const scene = (soql: string, maps?: string) =>
    query(soql, { policies: OWN, who: { crmUserId: ME }, ...(maps === undefined ? {} : { maps }) });

  it('are taken out again', async () => {
    const played = await play(scene('SELECT Id FROM Contact'));
    expect(decodeURIComponent(played.target)).toContain('OwnerId');
    const { json } = played.answer(page([{ ...type('Contact'), Id: '1', OwnerId: ME }]));
    expect(json()).toEqual(page([{ ...type('Contact'), Id: '1' }]));
  });

  it.each(['OwnerId', 'ownerid'])('stay where the client asked for them itself, as %s', async (name) => {
    const played = await play(scene(`SELECT Id, ${name} FROM Contact`));
    const { json } = played.answer(page([{ ...type('Contact'), Id: '1', OwnerId: ME }]));
    expect(json()).toEqual(page([{ ...type('Contact'), Id: '1', OwnerId: ME }]));
  });

  it('are found and taken out however the data map and the query spell them', async () => {
    const maps = 'dataMap: salesforce\nobjects:\n  contact: { dataSubject: { id: ID }, owner: OWNERID }';
    const played = await play(scene('select id from contact', maps));
    const { json, discharged } = played.answer(page([{ ...type('Contact'), Id: '1', OwnerId: ME }]));
    expect(json()).toMatchObject({ records: [{ ...type('Contact'), Id: '1' }] });
    expect(JSON.stringify(json())).not.toContain(ME);
    expect(discharged.tally.report()).toMatchObject({ records: { seen: 1, omitted: 0 } });
    expect(discharged.tally.report().dataSubjects).toHaveLength(1);
  });

  it('fail closed where a fact stands twice', async () => {
    const played = await play(scene('SELECT Id FROM Contact'));
    const body = `{"totalSize":1,"done":true,"records":[{"attributes":{"type":"Contact"},"OwnerId":"x","OwnerId":"${ME}"}]}`;
    expect(() => played.answer(body)).toThrow(/occurs twice/);
    expect(() => played.answer(body.replace('"OwnerId":"x"', '"ownerid":"x"'))).toThrow(/occurs twice/);
  });

  it('serve conditions on fields, and are asked for even without a row rule', async () => {
    const policies = `policy: germans\non: { objects: [Contact], when: 'record.country == "DE"' }\nshow: { contact.email: remove }`;
    const played = await play(query('SELECT Id, Email FROM Contact', { policies }));
    expect(decodeURIComponent(played.target)).toContain('MailingCountry');
    const record = (MailingCountry?: string) => ({
      ...type('Contact'),
      Id: '1',
      Email: 'a@x.example',
      ...(MailingCountry && { MailingCountry }),
    });
    const { json } = played.answer(page([record('DE'), record('FR'), record()]));
    expect(json()).toEqual(
      page([
        { ...type('Contact'), Id: '1' },
        { ...type('Contact'), Id: '1', Email: 'a@x.example' },
        { ...type('Contact'), Id: '1' },
      ]),
    );
  });
});

describe('the person behind a record', () => {
  const policies = MASKED;

  it('has one pseudonym, wherever and however it was read', async () => {
    const subjects = async (scene: Scene, body: unknown) =>
      (await play(scene)).answer(body).discharged.tally.report().dataSubjects;
    const one = await subjects(query('SELECT Id FROM Contact'), page([{ ...type('Contact'), Id: '1' }]));
    const nested = await subjects(
      query('SELECT Id, Contact.Id FROM Case'),
      page([{ ...type('Case'), Id: 'c', Contact: { ...type('Contact'), Id: '1' } }]),
    );
    const other = await subjects(query('SELECT Id FROM Contact'), page([{ ...type('Contact'), Id: '2' }]));
    expect(one).toHaveLength(1);
    expect(nested).toEqual(one);
    expect(other).not.toEqual(one);
    expect(one[0]).not.toContain('1:');
  });

  it('is the same in HubSpot by record id and by hs_object_id, as a text and as a number', async () => {
    const hubspot = { policies, crm: 'hubspot' as const, request: 'GET /crm/v3/objects/contacts?limit=1' };
    const subjects = async (record: object) =>
      (await play(hubspot)).answer({ results: [record] }).discharged.tally.report().dataSubjects;
    const one = await subjects({ id: '7', properties: {} });
    expect(one).toHaveLength(1);
    expect(await subjects({ properties: { hs_object_id: '7' } })).toEqual(one);
    expect(await subjects({ id: 7, properties: { hs_object_id: '7' } })).toEqual(one);
  });

  it('is nobody where the id is empty or absent', async () => {
    const played = await play(query('SELECT Id FROM Contact'));
    const { discharged } = played.answer(
      page([{ ...type('Contact'), Id: '' }, type('Contact'), { ...type('Contact'), Id: null }]),
    );
    expect(discharged.tally.report().dataSubjects).toEqual([]);
  });
});

describe('values that are not fields', () => {
  const rows = { policies: OWN, who: { crmUserId: ME } };

  it('a locator is sealed, and one that stands elsewhere is taken away', async () => {
    const played = await play(query('SELECT Id FROM Contact'));
    const sealed = played.answer(page([], { nextRecordsUrl: `${V59}/query/01gXX-2000` })).json() as {
      nextRecordsUrl: string;
    };
    expect(sealed.nextRecordsUrl).toMatch(/^\/services\/data\/v59\.0\/query\/pv1\./);
    expect(sealed.nextRecordsUrl).not.toContain('01gXX');
    expect(played.answer(page([], { nextRecordsUrl: 'no locator at all' })).json()).toMatchObject({
      nextRecordsUrl: null,
    });
  });

  it('a count stays where rows could be put into the query, and goes where not', async () => {
    const exact = await play(query('SELECT Id FROM Contact', rows));
    expect(exact.answer(page([{ ...type('Contact'), OwnerId: ME }])).json()).toMatchObject({ totalSize: 1 });
    const policies = OWN.replace('==', '!=');
    const inexact = await play(query('SELECT Id FROM Contact', { ...rows, policies }));
    expect(inexact.answer(page([{ ...type('Contact'), OwnerId: 'x' }])).json()).toMatchObject({
      totalSize: null,
    });
  });

  it('an aggregate over records that may not all be seen is refused', async () => {
    const policies = OWN.replace('==', '!=');
    await expect(
      refusalOf(query('SELECT COUNT() FROM Contact', { ...rows, policies })),
    ).resolves.toMatchObject({ policy: 'own' });
  });

  it('an error text is searched, and its duplicate records are records', async () => {
    const played = await play(query('SELECT Id FROM Contact'));
    const { json } = played.answer(
      [
        {
          errorCode: 'DUPLICATES_DETECTED',
          message: 'Use ana@example.com?',
          duplicateResult: {
            matchResults: [
              { matchRecords: [{ record: { ...type('Contact'), Email: 'ana@example.com', Phone: '1' } }] },
            ],
          },
        },
      ],
      { status: 400 },
    );
    expect(json()).toEqual([
      {
        errorCode: 'DUPLICATES_DETECTED',
        message: 'Use [email]?',
        duplicateResult: {
          matchResults: [{ matchRecords: [{ record: { ...type('Contact'), Email: 'a***@example.com' } }] }],
        },
      },
    ]);
  });
});

describe('what no shape describes, outside of all records', () => {
  const found = (shown: object) => [{ message: 'Not new.', context: { found: [{ Level: 3, ...shown }] } }];
  const RAW = found({ Email: 'ana@example.com', Phone: 612_345_678, Said: 'Mail ana@example.com!' });
  const SHOWN = found({ Email: 'a***@example.com', Said: 'Mail [email]!' });

  it('is treated as the fields that it is named like, and never left out', async () => {
    const { answer } = await play(query('SELECT Id FROM Contact', { policies: `${MASKED}---${OWN}` }));
    const { json, discharged } = answer(RAW, { status: 400 });
    expect(json()).toEqual(SHOWN);
    const { records, fields } = discharged.tally.report();
    expect(records).toEqual({ seen: 0, omitted: 0 });
    expect(fields).toContainEqual(expect.objectContaining({ field: 'Email', treatment: 'mask', count: 1 }));
  });

  it('is so where people are looked up, too', async () => {
    const asked = query('SELECT Id FROM Contact', { consent: registryOf([restricted(1)]) });
    const { answerAfterLookUps } = await play(asked);
    expect((await answerAfterLookUps(RAW, { status: 400 })).json()).toEqual(SHOWN);
  });

  it('is not the message of an error, whatever a field of that name is shown as', async () => {
    const { answer } = await play({
      crm: 'hubspot',
      policies: 'policy: no-texts\nshow: { free-text: remove }',
      maps: 'dataMap: hubspot\nobjects: { contacts: { fields: { message: free-text } } }',
      request: 'POST /crm/v3/objects/contacts/batch/read',
      body: { inputs: [{ id: '1' }], properties: ['email'] },
    });
    const errors = [{ status: 'error', message: 'Not found.', context: { ids: ['1'], message: ['x'] } }];
    const shown = answer({ status: 'COMPLETE', results: [], numErrors: 1, errors }, { status: 207 });
    expect(shown.json()).toMatchObject({ errors: [{ message: 'Not found.', context: { ids: ['1'] } }] });
    expect(answer({ message: 'No.', errors }, { status: 400 }).json()).toMatchObject({
      message: 'No.',
      errors: [{ message: 'Not found.', context: { ids: ['1'] } }],
    });
  });

  it('passes untouched where nothing is hidden', async () => {
    const { answer } = await play(query('SELECT Id FROM Contact', { who: { roles: [] } }));
    expect(answer(RAW, { status: 400 }).text).toBe(JSON.stringify(RAW));
  });
});

describe('observe mode', () => {
  it('changes no byte and counts what would have been done', async () => {
    const played = await play(
      query('SELECT Id FROM Contact', { policies: `${MASKED}---${OWN}`, mode: 'observe' }),
    );
    expect(decodeURIComponent(played.target)).not.toContain('OwnerId');
    const body = JSON.stringify(
      page([{ ...type('Contact'), Email: 'ana@example.com', OwnerId: 'x' }], {
        nextRecordsUrl: `${V59}/query/01gXX-2000`,
      }),
    );
    const { text, discharged } = played.answer(body);
    expect(text).toBe(body);
    expect(discharged.tally.report().records).toEqual({ seen: 1, omitted: 1 });
  });

  it('reports a refusal instead of refusing', async () => {
    const played = await play(
      query("SELECT Id FROM Contact WHERE Email = 'a@x.example'", { mode: 'observe' }),
    );
    expect(played.refusal).toBe('support');
  });
});

describe('uploads that are not read', () => {
  const upload = (over: Partial<Scene>) =>
    play({ policies: MASKED, request: `PUT ${V59}/jobs/ingest/job1/batches`, ...over });

  it('are refused to whoever does not see everything', async () => {
    await expect(upload({})).rejects.toMatchObject({ code: 'BODY_UNREADABLE' });
    await expect(upload({ who: { roles: [] } })).resolves.toBeDefined();
  });
});

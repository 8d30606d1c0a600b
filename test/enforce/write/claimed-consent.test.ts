import { describe, expect, it } from 'vitest';
import type { CrmRequest } from '../../../src/model/request.ts';
import { play, refusalOf, type Scene, V59 } from '../fixture.ts';
import { contact, ID, PEOPLE_MAPS, page, said } from '../people.ts';
import { registryOf } from '../registry.ts';

const REQUIRE = `
policy: asked
for: { except: { roles: [consent-desk] } }
on: { objects: [Contact, contacts] }
require: { consent: marketing.email, otherwise: omit-record }
`;
const TREATS = REQUIRE.replace('omit-record', '{ contact.phone: remove }');
const REFUSED = {
  policy: 'asked',
  message:
    'Whether somebody has agreed to marketing.email may not be recorded by those who need it to see records. Records of people who are not known to have agreed: 1.',
};

/** 1 has agreed, 2 has withdrawn, of 3 nothing is known, and the field of 4 says no. */
const PEOPLE = [contact(1), contact(2), contact(3), contact(4, { HasOptedOutOfEmail: true })];
const consent = registryOf([
  said(1, 'granted', { who: { record: `crm::${ID(1)}`, email: 'p1@example.com' } }),
  said(2, 'withdrawn'),
]);

function salesforce({ path, body, query }: CrmRequest): unknown {
  if (path.endsWith('/query')) {
    const soql = query.find(([name]) => name === 'q')?.[1] ?? '';
    return page(PEOPLE.filter(({ Email }) => soql.includes(`'${Email}'`)));
  }
  const asked = query.find(([name]) => name === 'ids')?.[1].split(',');
  const { ids = asked ?? [] } = JSON.parse(body?.toString() ?? '{}') as { ids?: readonly string[] };
  return ids.map((id) => PEOPLE.find(({ Id }) => Id === id) ?? null);
}

const scene = (over: Partial<Scene>): Scene => ({
  policies: REQUIRE,
  maps: PEOPLE_MAPS,
  consent,
  answers: salesforce,
  request: '',
  ...over,
});
const update = (index: number, body: object, over: Partial<Scene> = {}): Scene =>
  scene({ request: `PATCH ${V59}/sobjects/Contact/${ID(index)}`, body, ...over });

const passes = async (asked: Scene): Promise<void> => {
  expect((await play(asked)).refusal).toBeUndefined();
};

describe.each([
  ['left out', REQUIRE],
  ['treated', TREATS],
])('whoever is bound by a requirement, where records that do not meet it are %s', (_, policies) => {
  it.each([
    ['that they have agreed', 2, { HasOptedOutOfEmail: false }],
    ['that somebody who has said nothing has agreed', 3, { HasOptedOutOfEmail: false }],
    ['that a no is none', 4, { HasOptedOutOfEmail: false }],
    ['nothing where a no stood', 4, { HasOptedOutOfEmail: null }],
    ['a yes that only the CRM takes for one', 4, { HasOptedOutOfEmail: '0' }],
    ['a name in other letters', 4, { hasoptedoutofemail: false }],
    ['a no beside a yes', 4, { HasOptedOutOfEmail: true, hasoptedoutofemail: false }],
    ['that it is about somebody else', 3, { Email: 'p1@example.com' }],
    ['whom nobody can tell it is about', 3, { Email: 'p1@example.com', email: 'p3@example.com' }],
  ])('does not write %s', async (_what, index, body) => {
    expect(await refusalOf(update(index, body, { policies }))).toEqual(REFUSED);
  });

  it.each([
    ['that somebody has not agreed', 3, { HasOptedOutOfEmail: true }],
    ['so in other letters', 3, { hasOptedOutOfEmail: 'TRUE' }],
    ['what decides nothing', 2, { LastName: 'X' }],
    ['an address by which nobody has agreed', 3, { Email: 'p5@example.com', Phone: '+34600100200' }],
    ['the address of somebody else, where this one has withdrawn', 2, { Email: 'p1@example.com' }],
    ['what stands there already', 2, { Email: 'p2@example.com', LastName: 'X' }],
    ['anything of whoever has agreed', 1, { Email: 'new@example.com', HasOptedOutOfEmail: false }],
    ['to a record that is not there', 9, { HasOptedOutOfEmail: false }],
  ])('writes %s', async (_what, index, body) => {
    await passes(update(index, body, { policies }));
  });
});

describe('what decides whether somebody has agreed', () => {
  it('is not looked up where nothing is written that decides', async () => {
    expect((await play(update(2, { LastName: 'X' }))).reads).toEqual([]);
  });

  it('is written by whom it is not required of', async () => {
    await passes(update(2, { HasOptedOutOfEmail: false }, { who: { roles: ['consent-desk'] } }));
  });

  it('is what a condition of the requirement reads, too', async () => {
    const policies = REQUIRE.replace('on: {', 'on: { when: \'record.LastName != "Ruiz"\',').replace(
      ', contacts',
      '',
    );
    const answers = () => [contact(2, { LastName: 'Salas' })];
    const asked = (LastName: string) => update(2, { LastName }, { policies, answers });
    expect(await refusalOf(asked('Ruiz'))).toEqual(REFUSED);
    await passes(asked('Sanz'));
  });

  it('is not written where the CRM does not tell how it stands', async () => {
    expect(await refusalOf(update(3, { Email: 'x@example.com' }, { answers: () => undefined }))).toEqual(
      REFUSED,
    );
  });

  it('is not written where it is required of what else is about the person', async () => {
    const maps = PEOPLE_MAPS.replace(
      '  Account:',
      '  Case: { dataSubject: { id: ContactId }, fields: { Subject: free-text } }\n  Account:',
    );
    const policies = REQUIRE.replace('[Contact, contacts]', '[Case]');
    const onCases = (body: object) => update(3, body, { maps, policies });
    expect(await refusalOf(onCases({ HasOptedOutOfEmail: false }))).toEqual(REFUSED);
    for (const body of [{ HasOptedOutOfEmail: true }, { Email: 'x@example.com' }])
      await passes(onCases(body));
  });

  it('is free in records that are made', async () => {
    const body = { LastName: 'X', Email: 'p2@example.com', HasOptedOutOfEmail: false };
    await passes(scene({ request: `POST ${V59}/sobjects/Contact`, body }));
  });

  it('is judged record by record in a collection', async () => {
    const records = [
      { attributes: { type: 'Contact' }, Id: ID(1), HasOptedOutOfEmail: false },
      { attributes: { type: 'Contact' }, Id: ID(2), LastName: 'X' },
      { attributes: { type: 'Contact' }, Id: ID(3), HasOptedOutOfEmail: true },
    ];
    const collection = (some: readonly object[]): Scene =>
      scene({ request: `PATCH ${V59}/composite/sobjects`, body: { records: some } });
    await passes(collection(records));
    const refused = [...records, ...[2, 3].map((index) => ({ ...records[0], Id: ID(index) }))];
    expect((await refusalOf(collection(refused))).message).toMatch(/not known to have agreed: 2\.$/);
  });

  it('is judged by the record that stands under the key of an upsert', async () => {
    const upsert = (index: number): Scene =>
      scene({
        request: `PATCH ${V59}/sobjects/Contact/Email/p${index}@example.com`,
        body: { HasOptedOutOfEmail: false },
      });
    expect(await refusalOf(upsert(2))).toEqual(REFUSED);
    await passes(upsert(1));
    await passes(upsert(9));
  });

  it('is said, and passes, in observe mode', async () => {
    const observed = await play(update(2, { HasOptedOutOfEmail: false }, { mode: 'observe' }));
    expect(observed.refusal).toBe('asked');
  });
});

describe('in HubSpot, what decides', () => {
  const people = [
    { id: '1', properties: { hs_object_id: '1', email: 'p1@example.com', phone: null, agreed: 'true' } },
    { id: '2', properties: { hs_object_id: '2', email: 'p2@example.com', phone: null, agreed: 'false' } },
  ];
  const answers = ({ body }: CrmRequest): unknown => {
    const { inputs } = JSON.parse(body?.toString() ?? '{}') as { inputs?: readonly { id: string }[] };
    const isAsked = ({ id, properties }: (typeof people)[number]): boolean =>
      inputs?.some((input) => input.id === id || input.id === properties.email) !== false;
    return { results: people.filter(isAsked) };
  };
  const hubspot = (request: string, body: unknown): Scene =>
    scene({ crm: 'hubspot', consent: registryOf([]), answers, request, body });
  const yes = { properties: { agreed: 'true' } };

  it.each([
    ['an update', 'PATCH /crm/v3/objects/contacts/2', yes],
    ['an update by a key', 'PATCH /crm/v3/objects/contacts/p2@example.com?idProperty=email', yes],
    ['a batch', 'POST /crm/v3/objects/contacts/batch/update', { inputs: [{ id: '2', ...yes }] }],
    [
      'a batch of upserts',
      'POST /crm/v3/objects/contacts/batch/upsert',
      { inputs: [{ id: 'p2@example.com', idProperty: 'email', ...yes }] },
    ],
  ])('is not written by %s', async (_, request, body) => {
    expect(await refusalOf(hubspot(request, body))).toEqual(REFUSED);
    const ofOther = (text: string): string =>
      text.replaceAll('p2@', 'p1@').replace('/2', '/1').replace('"2"', '"1"');
    await passes(hubspot(ofOther(request), JSON.parse(ofOther(JSON.stringify(body)))));
  });

  it.each([
    ['1', '2'],
    ['2', '1'],
  ])('is not merged: %s with %s', async (primaryObjectId, objectIdToMerge) => {
    const body = { primaryObjectId, objectIdToMerge };
    expect(await refusalOf(hubspot('POST /crm/v3/objects/contacts/merge', body))).toEqual(REFUSED);
  });
});
